"""Points that let only so many people through in a time: who may pass now, and when the others are to ask again.

What counts is who really passed, so that late workers, pauses and two workers at once never let through more. Turns
are given out in the order in which people came, so that those who wait know when to ask.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from journeys.contracts.step import Turn
from journeys.engine.graph import Graph
from journeys.engine.transition import Walk
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "gates.sql")
KEPT: Final = timedelta(days=2)


@dataclass(slots=True)
class _Place:
    """Somebody who asks; `at`: their turn, None where they have none yet."""

    n: int
    walk: Walk
    at: datetime | None = None
    passed_at: datetime | None = None


def turns(graph: Graph, asked: Sequence[tuple[Walk, Any]], now: datetime) -> list[datetime]:
    """For each the moment at which they may pass; not later than now: they pass, and are counted."""
    places = [_Place(n, walk) for n, (walk, _) in enumerate(asked)]
    gates: dict[tuple[str, Turn], list[_Place]] = defaultdict(list)
    for place, (walk, need) in zip(places, asked, strict=True):
        gates[graph.nodes[walk.node_id].key, need].append(place)
    visits = {"enrollment": [walk.enrollment_id for walk, _ in asked], "visit": [walk.visit for walk, _ in asked]}
    found = [now] * len(asked)
    with sql.bound() as cursor:
        cursor.execute(SQL["lock"], {"journey": graph.journey_id})
        cursor.execute(SQL["known"], visits)
        for n, at, passed_at in cursor.fetchall():
            places[n - 1].at, places[n - 1].passed_at = at, passed_at
        for (key, need), here in gates.items():
            _gate(cursor, {"journey": graph.journey_id, "key": key}, need, here, found, now)
    return found


def _gate(
    cursor: Any, gate: dict[str, Any], need: Turn, here: list[_Place], found: list[datetime], now: datetime
) -> None:
    span = timedelta(seconds=need.seconds)
    new = sorted((p for p in here if p.at is None), key=lambda p: (p.walk.node_entered_at, p.walk.enrollment_id))
    skip = max(need.people - len(new), 0)
    cursor.execute(SQL["planned"], {**gate, "skip": skip, "take": min(need.people, len(new))})
    before = [row[0] for row in cursor.fetchall()]
    for n, place in enumerate(new):
        # Each follows the one so many before them, among the turns that were given out already or among the new ones.
        back = need.people - 1 - n - skip
        follows = new[n - need.people].at if n >= need.people else before[back] if back < len(before) else None
        place.at = max(now, follows + span) if follows else now
    cursor.execute(SQL["passed"], {**gate, "since": now - span, "people": need.people})
    free_again = sorted(row[0] + span for row in cursor.fetchall())
    ready = [p for p in here if p.passed_at is None and p.at is not None and p.at <= now]
    ready.sort(key=lambda p: (p.at, p.walk.node_entered_at, p.walk.enrollment_id))
    passing = ready[: need.people - len(free_again)]
    free_again += [now + span] * len(passing)
    for place in passing:
        place.passed_at = now
    for n, place in enumerate(ready[len(passing) :]):
        found[place.n] = free_again[n % need.people] + n // need.people * span
    for place in here:
        if place.at is not None and place.at > now:
            found[place.n] = place.at
    _write(cursor, gate, [*new, *(p for p in passing if p not in new)])


def _write(cursor: Any, gate: dict[str, Any], places: Sequence[_Place]) -> None:
    cursor.execute(
        SQL["write"],
        {
            **gate,
            "enrollment": [place.walk.enrollment_id for place in places],
            "visit": [place.walk.visit for place in places],
            "at": [place.at for place in places],
            "passed": [place.passed_at for place in places],
        },
    )


def forget(now: datetime) -> None:
    """Turns that nobody reckons with any more."""
    with sql.bound() as cursor:
        cursor.execute(SQL["forget"], {"before": now - KEPT})
