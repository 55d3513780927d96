"""When the entries by the clock of a drawing call next: for the question before publishing."""

from dataclasses import dataclass
from datetime import datetime

from journeys.engine import clocks, graph
from journeys.models import Node, Version
from journeys.queries.cards import load_what_they_name


@dataclass(frozen=True, slots=True)
class Upcoming:
    """`at` None: the time has passed, nobody will come in by it."""

    node: Node
    at: datetime | None


def upcoming(version: Version, now: datetime) -> list[Upcoming]:
    """The entries by the clock that are filled in, the next to call first."""
    compiled = graph.build(version)
    nodes = [compiled.nodes[ident] for ident in compiled.ids.values()]
    called = [node for node in nodes if node.is_entry and node.crowd(now.date()) and not node.problems()]
    load_what_they_name(called)
    found = [Upcoming(node, clocks.next_moment(compiled, node, now)) for node in called]
    return sorted(found, key=lambda one: (one.at is None, one.at or now))
