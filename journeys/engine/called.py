"""When the clock calls one customer, told plainly: the counterpart of `journeys.engine.clocks` in the reference."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from journeys.engine.graph import Graph
from journeys.engine.zones import own
from journeys.models import Node
from profiles.segments.values import at_path


class Calling(NamedTuple):
    """An entry calls at a moment, on a day of the clock that counts. In the order in which it does."""

    at: datetime
    node_id: int
    day: date


def callings(
    graph: Graph,
    home: ZoneInfo,
    attributes: Mapping[str, Any],
    segments: Collection[int],
    after: datetime,
    now: datetime,
) -> list[Calling]:
    """Everything that calls a customer who is known like this, later than `after` and up to `now`."""
    found = []
    for ident in graph.ids.values():
        node = graph.nodes[ident]
        if not node.is_entry:
            continue
        zone = _zone(home, node, attributes.get("timezone"))
        at = node.next_start(after, zone)
        while at is not None and at <= now:
            day = at.astimezone(zone).date()
            if _called(node, day, zone, attributes, segments):
                found.append(Calling(at, ident, day))
            at = node.next_start(at, zone)
    return sorted(found)


def moments_for(graph: Graph, home: ZoneInfo, zone_name: Any, after: datetime, until: datetime) -> list[datetime]:
    """When entries by the clock look at customers who live in this zone, later than `after` and up to `until`."""
    found: set[datetime] = set()
    for node in (graph.nodes[ident] for ident in graph.ids.values()):
        at = node.next_start(after, zone := _zone(home, node, zone_name)) if node.is_entry else None
        while at is not None and at <= until:
            found.add(at)
            at = node.next_start(at, zone)
    return sorted(found)


def _zone(home: ZoneInfo, node: Node, name: Any) -> ZoneInfo:
    return own(name, home) if node.by_their_clock else home


def _called(node: Node, day: date, zone: ZoneInfo, attributes: Mapping[str, Any], segments: Collection[int]) -> bool:
    crowd = node.crowd(day)
    if crowd is None or (crowd.segment_id is not None and crowd.segment_id not in segments):
        return False
    value = at_path(attributes, crowd.path) if crowd.path else None
    return node.calls(value, day, zone)
