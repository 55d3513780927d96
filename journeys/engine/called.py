"""When the clock calls one customer, told plainly: the counterpart of `journeys.engine.clocks` in the reference."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from journeys.engine import moves
from journeys.engine.graph import Graph
from journeys.engine.moves import Move
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
    moved: Sequence[Move],
    after: datetime,
    now: datetime,
) -> list[Calling]:
    """Everything that calls a customer who is known like this, later than `after` and up to `now`. `moved`: between
    which zones, the newest first.
    """
    found = []
    for ident in graph.ids.values():
        node = graph.nodes[ident]
        if not node.is_entry:
            continue
        zone, value = attributes.get("timezone"), _value(node, attributes, now)
        if node.by_their_clock and moved:
            turns: Iterator[tuple[datetime, date]] = moves.callings(
                node, value, moves.stays(zone, moved, home), after, now, home
            )
        else:
            turns = _turns(node, value, _zone(home, node, zone), after, now)
        for at, day in turns:
            crowd = node.crowd(day)
            if crowd is not None and (crowd.segment_id is None or crowd.segment_id in segments):
                found.append(Calling(at, ident, day))
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


def _turns(node: Node, value: Any, zone: ZoneInfo, after: datetime, now: datetime) -> Iterator[tuple[datetime, date]]:
    at = node.next_start(after, zone)
    while at is not None and at <= now:
        day = at.astimezone(zone).date()
        if node.calls(value, day, zone):
            yield at, day
        at = node.next_start(at, zone)


def _value(node: Node, attributes: Mapping[str, Any], now: datetime) -> Any:
    """What the entry looks at, of any day."""
    crowd = node.crowd(now.date())
    return at_path(attributes, crowd.path) if crowd and crowd.path else None


def _zone(home: ZoneInfo, node: Node, name: Any) -> ZoneInfo:
    return own(name, home) if node.by_their_clock else home
