"""Reads behind the list of journeys and the pages of one."""

from collections import defaultdict
from typing import Any

from django.db.models import Q, QuerySet, Sum

from journeys.models import Edge, Journey, Node, Tally, Version
from journeys.queries.cards import load_what_they_name

LIMITS = ("entry_key", "entry_limit", "entry_limit_hours", "entry_total")
COUNTED = ("started", "completed", "exited", "failed", "converted")


def listed(search: str, state: str) -> QuerySet[Journey]:
    """Journeys by name; archived ones only when asked for."""
    journeys = Journey.objects.select_related("live", "draft")
    if search:
        journeys = journeys.filter(Q(name__icontains=search) | Q(description__icontains=search))
    if state in Journey.State.values:
        return journeys.filter(state=state)
    return journeys.exclude(state=Journey.State.ARCHIVED)


def totals(journey_ids: list[int]) -> dict[int, dict[str, int]]:
    """Started, converted and inside of each journey, in one statement."""
    rows = Tally.objects.filter(journey_id__in=journey_ids, metric__in=COUNTED)
    found: dict[int, dict[str, int]] = defaultdict(lambda: dict.fromkeys((*COUNTED, "inside"), 0))
    for row in rows.values("journey_id", "metric").annotate(total=Sum("count")):
        found[row["journey_id"]][row["metric"]] = row["total"]
    for one in found.values():
        one["inside"] = max(0, one["started"] - one["completed"] - one["exited"] - one["failed"])
    return found


def changes(old: Version | None, new: Version) -> dict[str, list[str]]:
    """What publishing `new` changes against `old`: names of added, removed, changed and re-connected steps."""
    before, after = _drawing(old), _drawing(new)
    found: dict[str, list[str]] = {"added": [], "removed": [], "changed": [], "rewired": [], "settings": []}
    for key, (name, config, lines) in after.items():
        if key not in before:
            found["added"].append(name)
            continue
        if before[key][1] != config or before[key][0] != name:
            found["changed"].append(name)
        if before[key][2] != lines:
            found["rewired"].append(name)
    found["removed"] = [name for key, (name, _config, _lines) in before.items() if key not in after]
    if old is not None:
        fields = ("goal_event", "goal_where", "goal_window_hours", "goal_exits", "exit_rules", "reentry", "topic_id")
        found["settings"] = [
            field for field in (*fields, "timezone", *LIMITS) if getattr(old, field) != getattr(new, field)
        ]
    return found


def _drawing(version: Version | None) -> dict[str, tuple[str, dict[str, Any], dict[str, str]]]:
    if version is None:
        return {}
    nodes = list(Node.objects.filter(version=version).order_by("y", "x"))
    load_what_they_name(nodes)
    keys = {node.pk: node.key for node in nodes}
    lines: dict[str, dict[str, str]] = defaultdict(dict)
    for edge in Edge.objects.filter(version=version):
        lines[keys[edge.source_id]][edge.port] = keys[edge.target_id]
    return {node.key: (str(node), {**node.config(), "name": node.name}, lines[node.key]) for node in nodes}
