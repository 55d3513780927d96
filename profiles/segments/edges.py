"""What the passing of time alone changes: who crossed the edge of a period between two ticks.

A condition with a period flips only for somebody whose event (or date) crossed that edge. Between t0 and t1 these are
found by one range scan over (t0 - period, t1 - period], so time costs what crosses the edge, not what is stored, and no
timer per person is kept. Finding too many is harmless: whoever is found is evaluated.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from profiles.segments.ast import Condition, leaves
from profiles.segments.calendar import carried
from profiles.segments.kind import Columns, DateIndex, Kind

DAY: Final = timedelta(days=1)  # days of the year change once a day


@dataclass(frozen=True, slots=True)
class Followed:
    """A segment and the stretch of time it has to catch up with."""

    segment: int
    condition: Condition
    since: datetime


def crossed(followed: Sequence[Followed], now: datetime) -> dict[int, set[int]]:
    """Profiles, by segment, that crossed an edge up to `now`. One statement for each kind of edge."""
    now = carried([one.condition for one in followed], now)
    asked: dict[tuple[str, tuple[tuple[str, Any], ...]], list[Columns]] = defaultdict(list)
    for one in followed:
        for leaf in leaves(one.condition):
            if isinstance(leaf, Kind):
                for edge in leaf.edges(one.since, now):
                    asked[edge.statement, edge.fixed].append({**edge.row, "segments": one.segment})
    found: dict[int, set[int]] = defaultdict(set)
    for (statement, fixed), listed in asked.items():
        columns = {name: [row[name] for row in listed] for name in listed[0]}
        with connection.cursor() as cursor:
            cursor.execute(statement, columns | dict(fixed))
            for segment, profile in cursor.fetchall():
                found[segment].add(profile)
    return found


def indexes(condition: Condition, now: datetime) -> set[DateIndex]:
    """What has to be in order so that following the clock costs what crosses an edge, and not what is stored."""
    now = carried([condition], now)
    listed = (leaf.edges(now - DAY, now) for leaf in leaves(condition) if isinstance(leaf, Kind))
    return {edge.index for edges in listed for edge in edges if edge.index}
