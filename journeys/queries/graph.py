"""What the canvas is told: which kinds of cards there are, and one version as a graph."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from journeys.contracts.problem import Problem
from journeys.models import Edge, Node, Version
from journeys.queries.cards import load_what_they_name, untracked
from journeys.registry import node_kinds
from journeys.services.arrange import names_below
from journeys.validation import check_drawing


def categories() -> list[dict[str, str]]:
    """The six colours, in the order of the palette."""
    return [
        {"key": "entry", "label": _("Entry"), "one": _("Entry")},
        {"key": "message", "label": _("Reach"), "one": _("Message")},
        {"key": "time", "label": _("Time"), "one": _("Time")},
        {"key": "branch", "label": _("Branch"), "one": _("Branch")},
        {"key": "customer", "label": _("Customer"), "one": _("Customer")},
        {"key": "end", "label": _("End"), "one": _("End")},
    ]


def manifest() -> dict[str, Any]:
    """Every kind of card, described so that the canvas needs to know none of them."""
    return {
        "categories": categories(),
        "kinds": [
            {
                "kind": kind.kind,
                "label": str(kind.label),
                "category": kind.category,
                "icon": kind.icon,
                "help": str(kind.help),
                "order": kind.order,
                **_ways(kind()),
                "limits": {"incoming": not kind.is_entry},
            }
            for kind in node_kinds().values()
        ],
    }


def _ways(node: Node) -> dict[str, Any]:
    ports = [{"name": name, "label": str(label)} for name, label in node.get_ports()]
    return {"ports": ports, "names_below": names_below(len(ports))}


def payload(version: Version, *, fixed: bool = False) -> dict[str, Any]:
    """A version as the canvas draws it; `fixed`: its forms show this very version, whatever becomes the draft."""
    nodes = list(Node.objects.filter(version=version).order_by("y", "x", "pk"))
    known = {node.pk for node in nodes}
    # Somebody may draw between the two reads: a line to a card that was not read comes with the next answer.
    edges = [edge for edge in Edge.objects.filter(version=version) if {edge.source_id, edge.target_id} <= known]
    for node in nodes:
        node.version = version
    load_what_they_name(nodes)
    keys = {node.pk: node.key for node in nodes}
    problems = check_drawing(version, nodes, edges)
    return {
        "revision": version.revision,
        "edit": version.edit,
        "number": version.number,
        "saved_at": version.saved_at.isoformat(),
        "nodes": [card(node, version.journey_id, problems, version.number if fixed else None) for node in nodes],
        "edges": [
            {"source": keys[edge.source_id], "port": edge.port, "target": keys[edge.target_id]} for edge in edges
        ],
        "problems": [{"text": p.text, "node": p.node_key, "level": p.level} for p in problems],
    }


def card(node: Node, journey_id: int, problems: list[Problem], number: int | None = None) -> dict[str, Any]:
    """One node as a card."""
    return {
        "key": node.key,
        "kind": node.kind,
        "name": node.name,
        "title": str(node),
        "x": node.x,
        "y": node.y,
        "config": node.config(),
        "summary": str(node.summary()),
        **_ways(node),
        "untracked": list(untracked(node.channel())),
        "problems": [{"text": p.text, "level": p.level} for p in problems if p.node_key == node.key],
        "url": reverse("journey_node", args=[journey_id, node.key]) + (f"?version={number}" if number else ""),
    }
