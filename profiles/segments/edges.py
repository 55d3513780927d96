"""What the passing of time alone changes: who crossed the edge of a period between two ticks.

A condition with a period flips only for somebody whose event (or date) crossed that edge. Between t0 and t1 these are
found by one range scan over (t0 - period, t1 - period], so time costs what crosses the edge, not what is stored, and no
timer per person is kept. Finding too many is harmless: whoever is found is evaluated.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from profiles.segments.ast import Attribute, Condition, Event, leaves
from profiles.segments.interests import moving_filters
from profiles.segments.operators import OPERATORS, Period
from profiles.segments.values import MOMENT
from profiles.segments.writing import rows

EVENTS: Final = "crossed_events"
PROPERTIES: Final = "crossed_properties"
ATTRIBUTES: Final = "crossed_attributes"


@dataclass(frozen=True, slots=True)
class Followed:
    """A segment and the stretch of time it has to catch up with."""

    segment: int
    condition: Condition
    since: datetime


def crossed(followed: Sequence[Followed], now: datetime) -> dict[int, set[int]]:
    """Profiles, by segment, that crossed an edge up to `now`. At most three statements."""
    windows: dict[str, list[dict[str, object]]] = defaultdict(list)
    for one in followed:
        for statement, window in _windows(one, now):
            windows[statement].append(window | {"segments": one.segment})
    found: dict[int, set[int]] = defaultdict(set)
    for statement, listed in windows.items():
        columns: dict[str, object] = {name: [window[name] for window in listed] for name in listed[0]}
        for segment, profile in rows(statement, columns | {"moment": MOMENT}):
            found[segment].add(profile)
    return found


def has_dates(condition: Condition) -> bool:
    """Whether dates in attributes or properties move with the clock: these are looked for among all, so less often."""
    return any(
        (isinstance(leaf, Attribute) and OPERATORS[leaf.op].moves)
        or (isinstance(leaf, Event) and bool(moving_filters(leaf.where)))
        for leaf in leaves(condition)
    )


def _windows(one: Followed, now: datetime) -> Iterator[tuple[str, dict[str, object]]]:
    for leaf in leaves(one.condition):
        match leaf:
            case Event(name, _, _, within, where):
                if within:
                    yield EVENTS, {"names": name} | _range(one.since, now, within)
                for filter in moving_filters(where):
                    for edge in _edges(one.since, now, filter.value):
                        yield PROPERTIES, {"names": name, "paths": filter.field} | edge
            case Attribute(field, op, value) if OPERATORS[op].moves:
                for edge in _edges(one.since, now, value):
                    yield ATTRIBUTES, {"paths": field} | edge


def _range(since: datetime, now: datetime, period: Period) -> dict[str, object]:
    return {"after": since - period.length, "until": now - period.length}


def _edges(since: datetime, now: datetime, period: object) -> list[dict[str, object]]:
    """A date enters "in the last 7 days" when it is reached and leaves 7 days later."""
    if not isinstance(period, Period):
        return []
    return [{"after": since, "until": now}, _range(since, now, period)]
