"""The sums behind the dashboard: one statement over the tallies, split by day, journey, channel and node."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from django.db import connection

from journeys.queries.cards import untracked
from journeys.registry import channels
from journeys.reports.period import Period
from omnichannel.shared import sql

STATEMENTS: Final = sql.load(Path(__file__).parent.parent / "sql" / "reports.sql")
METRICS: Final = (
    "started",
    "completed",
    "exited",
    "failed",
    "converted",
    "sent",
    "delivered",
    "opened",
    "clicked",
    "human_opened",
    "human_clicked",
    "bounced",
    "complained",
    "unsubscribed",
    "replied",
    "failed_send",
)
# What only some channels tell; the whole of it is what they delivered.
TOLD: Final = ("opened", "clicked", "unsubscribed", "replied")
RATES: Final = {
    "delivered": "sent",
    "bounced": "sent",
    **{what: f"{what}_of" for what in TOLD},
    "human_opened": "opened_of",
    "human_clicked": "clicked_of",
    "converted": "started",
}


@dataclass(frozen=True)
class Counts:
    """Sums of metrics, with the rates that reports show. A rate is None where nothing could have happened."""

    by_metric: Mapping[str, int]

    @classmethod
    def by(cls, channel: str, counts: Mapping[str, int]) -> "Counts":
        """What happened to messages of one channel."""
        told = {f"{what}_of": counts.get("delivered", 0) for what in TOLD if what not in untracked(channel)}
        return cls({**counts, **told})

    def __getitem__(self, metric: str) -> int:
        return self.by_metric.get(metric, 0)

    def rate(self, part: str, whole: str) -> float | None:
        """`part` as a share of `whole`, 0 to 1."""
        return self[part] / self[whole] if self[whole] else None

    @cached_property
    def rates(self) -> dict[str, float | None]:
        """The usual rates by the metric they are about."""
        return {part: self.rate(part, whole) for part, whole in RATES.items()}

    def __add__(self, other: "Counts") -> "Counts":
        names = self.by_metric.keys() | other.by_metric.keys()
        return Counts({name: self[name] + other[name] for name in names})


NOTHING: Final = Counts({})
Axis = dict[str, Counts]


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts of a period and of the one before, by axis (all, day, journey, channel, node) and key."""

    current: Mapping[str, Axis]
    before: Mapping[str, Axis]

    def of(self, axis: str, key: str = "") -> Counts:
        """This period's counts of one key."""
        return self.current.get(axis, {}).get(key, NOTHING)

    def earlier(self, axis: str, key: str = "") -> Counts:
        """The counts of the period before."""
        return self.before.get(axis, {}).get(key, NOTHING)


def sums(period: Period) -> Sums:
    """Everything that the tallies say of `period` and of the days before it."""
    told = [(kind, what) for kind in channels() for what in TOLD if what not in untracked(kind)]
    parameters: dict[str, Any] = {
        "start": period.start,
        "end": period.end,
        "before": period.before.start,
        "zone": period.zone.key,
        "metrics": list(METRICS),
        "told": [what for _channel, what in told],
        "channels": [channel for channel, _what in told],
    }
    read: dict[bool, dict[str, dict[str, dict[str, int]]]] = {True: {}, False: {}}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS["sums"], parameters)
        for is_current, axis, key, metric, total in cursor:
            read[is_current].setdefault(axis, defaultdict(dict))[key][metric] = total
    return Sums(*(_frozen(read[which]) for which in (True, False)))


def _frozen(read: dict[str, dict[str, dict[str, int]]]) -> dict[str, Axis]:
    return {axis: {key: Counts(found) for key, found in keys.items()} for axis, keys in read.items()}
