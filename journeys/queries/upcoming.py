"""When the entries by the clock of a drawing call next: for the question before publishing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from journeys.engine import clocks, graph
from journeys.models import Node, Version
from journeys.queries.cards import load_what_they_name

SHOWN: Final = 4  # of one entry


@dataclass(frozen=True, slots=True)
class Upcoming:
    """`at` None: the time has passed, nobody will come in by it."""

    node: Node
    at: datetime | None


def next_turns(node: Node, now: datetime, zone: ZoneInfo) -> list[datetime]:
    """The next times an entry by the clock calls, on the clocks of a zone; none where it is not filled in."""
    found: list[datetime] = []
    if node.is_entry and not node.problems() and node.crowd(now.date()):
        at = node.next_start(now, zone)
        while at is not None and len(found) < SHOWN:
            found.append(at.astimezone(zone))
            at = node.next_start(at, zone)
    return found


def upcoming(version: Version, now: datetime) -> list[Upcoming]:
    """The entries by the clock that are filled in, the next to call first."""
    compiled = graph.build(version)
    nodes = [compiled.nodes[ident] for ident in compiled.ids.values()]
    called = [node for node in nodes if node.is_entry and node.crowd(now.date()) and not node.problems()]
    load_what_they_name(called)
    found = [Upcoming(node, clocks.next_moment(compiled, node, now)) for node in called]
    return sorted(found, key=lambda one: (one.at is None, one.at or now))
