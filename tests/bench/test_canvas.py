"""The live numbers of a journey with a long past: counts and conversion of each card, as its canvas asks for them.

Ten million step rows, a million people inside, ninety days of tallies as the hourly task leaves them, and an hour that
it has not seen yet.
`SCALE=small` (the default here) is a tenth of the rows and the same days.
"""

import os
from datetime import timedelta

import pytest
from django.db import connection

from journeys.models import Enrollment, Node, StepRecord, Tally
from journeys.queries import counts
from journeys.services.compact import compact_tallies
from tests import builders
from tests.bench.results import figures, interleaved, milliseconds, note
from tests.conftest import NOW

pytestmark = [pytest.mark.bench, pytest.mark.django_db]

STEPS = {"small": 1_000_000, "full": 10_000_000}[os.environ.get("SCALE", "small")]
INSIDE = STEPS // 10
DAYS = 90
LIMIT = 200  # ms
REPEATS = 7
DRAWING = """
    start: entry_event(event="Signed Up") -> first
    first: send(template="Welcome") -> read
    read: opened(send_key="first") opened -> rest, not_opened -> again
    again: send(template="Again") -> rest
    rest: delay(amount=7, unit="days") -> split
    split: random_split() arm_1 -> thanks, arm_2 -> done
    thanks: send(template="Thanks") -> done
    done: exit()
"""
# Where people are inside: many wait a week, some wait for an open, a few are just passing.
WAITING = {"rest": 0.8, "read": 0.19, "first": 0.01}
FILL_INSIDE = """
INSERT INTO journeys_enrollment (journey_id, version_id, node_id, profile_id, state, visit, due_at, entered_at,
    node_entered_at, entry_key, reason)
SELECT %(journey)s, %(version)s, %(node)s, %(first)s + n, 1, 3, %(now)s + (1 + n %% 600000) * interval '1 second',
    %(now)s, %(now)s, '', ''
FROM generate_series(1, %(people)s) AS n
"""
FILL_STEPS = """
INSERT INTO journeys_step (enrollment_id, profile_id, node_id, visit, entered_at, left_at, port, outcome)
SELECT n / 5, n / 5, (%(nodes)s::bigint[])[1 + n %% 5], 1 + n %% 5, at, at, 'next', 'advance'
FROM (SELECT n, %(now)s - (n %% 7000000) * interval '1 second' AS at FROM generate_series(1, %(steps)s) AS n) AS s
"""
# Every card counts a few things in every quarter of an hour; the last hour has a row for each batch.
FILL_TALLIES = """
INSERT INTO journeys_tally (journey_id, version_id, node_id, channel, metric, quarter, count)
SELECT %(journey)s, %(version)s, node, '', metric, %(now)s - q * interval '15 minutes', 3
FROM unnest(%(nodes)s::bigint[]) AS node, unnest(%(metrics)s::text[]) AS metric,
     generate_series(4, %(quarters)s) AS q
UNION ALL
SELECT %(journey)s, %(version)s, node, '', metric, %(now)s - (n %% 4) * interval '15 minutes', 1
FROM unnest(%(nodes)s::bigint[]) AS node, unnest(%(metrics)s::text[]) AS metric, generate_series(1, 1000) AS n
"""
METRICS = ["entered", "left", "port:next", "sent", "opened"]


def sql(statement: str, **args: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, args)  # type: ignore[arg-type]


def test_canvas(now: object) -> None:
    journey = builders.journey(DRAWING, name="Long")
    nodes: dict[str, int] = dict(Node.objects.filter(version=journey.live).values_list("key", "pk"))
    place = {"journey": journey.pk, "version": journey.live_id, "now": NOW}
    first = 0
    for key, share in WAITING.items():
        people = round(INSIDE * share)
        sql(FILL_INSIDE, node=nodes[key], first=first, people=people, **place)
        first += people
    sql(FILL_STEPS, nodes=list(nodes.values()), steps=STEPS, now=NOW)
    sql(FILL_TALLIES, nodes=list(nodes.values()), metrics=METRICS, quarters=DAYS * 96, **place)
    compact_tallies(NOW)
    sql("ANALYZE")
    assert StepRecord.objects.count() == STEPS
    assert Enrollment.objects.filter(state=1).count() == INSIDE

    def ask() -> object:
        cards = counts.per_card(journey.pk, NOW + timedelta(seconds=1))
        return {key: (cards[key]["entered"], cards[key]["overdue"]) for key in nodes}, counts.whole(cards)

    took, answers = interleaved({"ours": ask}, REPEATS)
    per_card, _whole = answers["ours"]  # type: ignore[misc]
    assert per_card["rest"] == (3 * (DAYS * 96 - 3) + 1000, 0)  # type: ignore[has-type]
    result = {
        "unit": "ms",
        "steps": STEPS,
        "inside": INSIDE,
        "tallies": Tally.objects.count(),
        "limit": LIMIT,
        **figures(took, milliseconds),
    }
    note("canvas", result)
