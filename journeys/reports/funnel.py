"""A journey's funnel: how far the people came who entered in a period, and what happened at each step."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from journeys.delivery.reasons import in_words
from journeys.models import Journey, Node
from journeys.queries.cards import load_what_they_name, untracked
from journeys.reports.period import Period
from journeys.reports.sums import STATEMENTS, Counts


@dataclass(frozen=True, slots=True)
class Stage:
    """One bar: people who came this far, and their share of those who entered."""

    key: str
    label: str
    count: int
    share: float | None
    change: float | None  # against the period before, in percentage points; relative for the first stage


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One step of the journey as a line of the table."""

    node: Node
    counts: Counts
    here: int
    next_due: datetime | None

    @property
    def rates(self) -> dict[str, float | None]:
        """The usual rates of this step."""
        return self.counts.rates

    @property
    def untracked(self) -> tuple[str, ...]:
        """What cannot be known of messages sent here."""
        return untracked(self.node.channel())


@dataclass(frozen=True, slots=True)
class Funnel:
    """What the Report tab shows."""

    journey: Journey
    period: Period
    stages: list[Stage]
    nodes: list[NodeRow]
    skipped: list[tuple[str, int]]
    untracked: set[str]  # what no message of this journey can tell

    @property
    def is_empty(self) -> bool:
        """Nobody entered in this period."""
        return self.stages[0].count == 0

    @property
    def skipped_total(self) -> int:
        """How many messages were not sent."""
        return sum(count for _reason, count in self.skipped)


def funnel(journey: Journey, period: Period) -> Funnel:
    """Read it in a constant number of statements."""
    nodes = _nodes(journey, period)
    stages = _stages(_people(journey, period), _people(journey, period.before), _goal_label(journey))
    sends = [set(row.untracked) for row in nodes if row.node.sends]
    unknown = set.intersection(*sends) if sends else set()
    return Funnel(
        journey=journey,
        period=period,
        stages=[stage for stage in stages if stage.count or stage.key not in unknown],
        nodes=nodes,
        skipped=[(in_words(reason), count) for reason, count in _rows("skips", journey, period)],
        untracked=unknown,
    )


def _people(journey: Journey, period: Period) -> tuple[int, ...]:
    return tuple(_rows("funnel", journey, period)[0])


def _goal_label(journey: Journey) -> str:
    version = journey.live or journey.draft
    return version.goal_event if version and version.goal_event else _("Converted")


def _stages(now: tuple[int, ...], then: tuple[int, ...], goal: str) -> list[Stage]:
    keys = ("entered", "sent", "opened", "clicked", "converted")
    labels = (_("Entered"), _("Received a message"), _("Opened"), _("Clicked"), goal)
    stages = []
    for n, (key, label) in enumerate(zip(keys, labels, strict=True)):
        share = now[n] / now[0] if now[0] else None
        earlier = then[n] / then[0] if then[0] else None
        if n == 0:
            change = (now[0] - then[0]) / then[0] * 100 if then[0] else None
        else:
            change = None if share is None or earlier is None else (share - earlier) * 100
        stages.append(Stage(key, label, now[n], share, round(change, 1) if change is not None else None))
    return stages


def _nodes(journey: Journey, period: Period) -> list[NodeRow]:
    version = journey.live or journey.draft
    if version is None:
        return []
    read: dict[str, dict[str, int]] = defaultdict(dict)
    for key, metric, total in _rows("node_sums", journey, period):
        read[key][metric] = total
    here = {key: (count, due) for key, count, due in _rows("here", journey, period)}
    nodes = list(version.nodes.order_by("y", "x"))
    load_what_they_name(nodes)
    return [
        NodeRow(node, Counts.by(node.channel(), read.get(node.key, {})), *here.get(node.key, (0, None)))
        for node in nodes
    ]


def _rows(statement: str, journey: Journey, period: Period) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[statement], {"journey": journey.pk, "start": period.start, "end": period.end})
        return cursor.fetchall()
