"""Which branches may turn out to have gone the wrong way, and which messages lie on that way alone."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from journeys.models import Node

Change = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Point:
    """A branch, and the keys of the sending steps behind `port` that cannot be reached by the other way."""

    node_id: int
    send_key: str
    port: str
    by_people: bool
    cancels: tuple[str, ...]


def points(nodes: Mapping[int, Node], lines: Mapping[tuple[int, str], int]) -> dict[Change, tuple[Point, ...]]:
    """The branches of a version by the changes that would have led people another way."""
    found: dict[Change, list[Point]] = defaultdict(list)
    onwards: dict[int, set[int]] = defaultdict(set)
    for (source, _port), target in lines.items():
        onwards[source].add(target)
    for ident, node in nodes.items():
        regret = node.regrets()
        if regret is None or not regret.send_key:
            continue
        alone: set[int] = set()
        if regret.cancels:
            alone = _behind(lines.get((ident, regret.port)), onwards) - _behind(
                lines.get((ident, regret.instead)), onwards
            )
        cancels = tuple(sorted({nodes[one].key for one in alone if nodes[one].sends}))
        for change in regret.changes:
            found[change].append(Point(ident, regret.send_key, regret.port, regret.by_people, cancels))
    return {change: tuple(here) for change, here in found.items()}


def _behind(start: int | None, onwards: Mapping[int, set[int]]) -> set[int]:
    """Everything that can be reached from there."""
    seen: set[int] = set()
    ahead = {start} if start is not None else set()
    while ahead:
        seen |= ahead
        ahead = {target for one in ahead for target in onwards.get(one, ())} - seen
    return seen
