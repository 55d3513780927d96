"""A journey as one JSON document: what `journeys.services.build` reads, written."""

from typing import Any

from journeys.models import Edge, Journey, Node, Version


def document(journey: Journey) -> dict[str, Any]:
    """The draft where there is one, else what is live, in the form that creates the same journey again."""
    version = journey.draft or journey.live
    drawn = {"nodes": [], "edges": [], "settings": {}} if version is None else drawing(version)
    return {"name": journey.name, "description": journey.description, **drawn}


def drawing(version: Version) -> dict[str, Any]:
    """Nodes, edges and settings of one version."""
    nodes = list(Node.objects.filter(version=version).order_by("y", "x", "pk"))
    keys = {node.pk: node.key for node in nodes}
    return {
        "nodes": [
            {
                "key": node.key,
                "kind": node.kind,
                "name": node.name,
                "x": node.x,
                "y": node.y,
                "config": node.config(),
            }
            for node in nodes
        ],
        "edges": [
            {"from": keys[edge.source_id], "port": edge.port, "to": keys[edge.target_id]}
            for edge in Edge.objects.filter(version=version).order_by("pk")
        ],
        "settings": settings(version),
    }


def settings(version: Version) -> dict[str, Any]:
    """What holds for the whole journey."""
    return {
        "goal_event": version.goal_event,
        "goal_where": version.goal_where,
        "goal_window_hours": version.goal_window_hours,
        "goal_exits": version.goal_exits,
        "exit_rules": version.exit_rules,
        "reentry": version.reentry,
        "entry_key": version.entry_key,
        "entry_limit": version.entry_limit,
        "entry_limit_hours": version.entry_limit_hours,
        "entry_total": version.entry_total,
        "timezone": version.timezone,
        "topic": version.topic.slug if version.topic else None,
    }
