"""How fast people move: waiting enrollments become due at once; two workers; step log and messages included.

`limit` is one UPDATE and one INSERT statement over as many rows of the same tables; `naive` is the ORM with a Celery
task per customer and node, at the same granularity of record. `SCALE=small` (the default here) is 100,000 people.
"""

import os
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection

from journeys.models import Enrollment, Journey, Message, Node, StepRecord
from omnichannel.celery import app
from tests import builders
from tests.bench.results import note
from tests.conftest import NOW

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

PEOPLE = {"small": 100_000, "full": 1_000_000}[os.environ.get("SCALE", "small")]
NAIVE = 400
WORKERS = 2
DUE = NOW + timedelta(days=1)
DRAWING = """
    start: entry_event(event="Signed Up") -> wait
    wait: delay(amount=1, unit="days") -> mail
    mail: send(template="Welcome") -> rest
    rest: delay(amount=2, unit="days") -> done
    done: exit()
"""
FILL = """
INSERT INTO journeys_enrollment (journey_id, version_id, node_id, profile_id, state, visit, due_at, entered_at,
    node_entered_at, entry_key, reason)
SELECT %(journey)s, %(version)s, %(node)s, p.id, 1, 2, %(due)s, %(now)s, %(now)s, '', ''
FROM (SELECT id FROM profiles_profile ORDER BY id LIMIT %(people)s) AS p
"""
LIMIT_UPDATE = """
UPDATE journeys_enrollment SET node_id = %(rest)s, visit = 4, due_at = %(later)s, node_entered_at = %(due)s
WHERE version_id = %(version)s AND state = 1 AND due_at <= %(due)s
"""
LIMIT_INSERT = """
INSERT INTO journeys_message (enrollment_id, journey_id, version_id, node_id, visit, profile_id, template_id, channel,
    state, reason, address, attempts, created_at, due_at)
SELECT id, journey_id, version_id, %(mail)s, 3, profile_id, 1, 'email', 'pending', '', '', 0, %(due)s, %(due)s
FROM journeys_enrollment WHERE version_id = %(version)s
"""


def sql(statement: str, **args: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, args)  # type: ignore[arg-type]


def waiting(name: str, people: int) -> tuple[Journey, dict[str, int]]:
    """A journey in which so many people wait for the same moment."""
    journey = builders.journey(DRAWING, name=name)
    keys = {node.key: node.pk for node in Node.objects.non_polymorphic().filter(version=journey.live)}
    at = {"due": DUE, "now": NOW, "people": people}
    sql(FILL, journey=journey.pk, version=journey.live_id, node=keys["wait"], **at)
    return journey, keys


def ours(env: dict[str, str]) -> tuple[float, int, int]:
    """Activations a second of the real runner, and what memory a worker took, in MB: early and at most."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.advance_worker", DUE.isoformat()]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, env=env, **pipes) for _ in range(WORKERS)]  # type: ignore[call-overload]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    start = time.perf_counter()
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    told = [worker.stdout.readline().split() for worker in workers]
    took = time.perf_counter() - start
    for worker in workers:
        worker.communicate()
    moved = sum(int(number) for number, _, _ in told)
    assert moved >= PEOPLE - WORKERS
    return moved / took, max(int(early) for _, early, _ in told), max(int(peak) for _, _, peak in told)


def stored() -> dict[str, int]:
    """Bytes of the tables that people leave traces in, with their indexes."""
    tables = ("journeys_enrollment", "journeys_step", "journeys_message", "journeys_tally")
    with connection.cursor() as cursor:
        cursor.execute("SELECT t, pg_total_relation_size(t::regclass) FROM unnest(%s::text[]) AS t", [list(tables)])
        return dict(cursor.fetchall())


def limit(journey: Journey, keys: dict[str, int]) -> float:
    """The same rows by one UPDATE and one INSERT."""
    args = {"version": journey.live_id, "due": DUE, "later": DUE + timedelta(days=2), **keys}
    start = time.perf_counter()
    sql(LIMIT_UPDATE, **args)
    sql(LIMIT_INSERT, **args)
    return PEOPLE / (time.perf_counter() - start)


def naive(journey: Journey) -> float:
    """Row by row, a task for each customer and node."""
    start = time.perf_counter()
    for ident in Enrollment.objects.filter(journey_id=journey.pk).values_list("pk", flat=True):
        for _ in range(3):
            app.send_task("naive", args=[ident], queue="naive")
            _naive_step(ident, DUE)
    return NAIVE / (time.perf_counter() - start)


def _naive_step(ident: int, now: datetime) -> None:
    one = Enrollment.objects.get(pk=ident)
    node = Node.objects.get(pk=one.node_id)
    if node.key == "rest":
        one.due_at = now + timedelta(days=2)
        one.save()
        return
    if node.key == "mail":
        Message.objects.create(
            enrollment_id=one.pk,
            journey_id=one.journey_id,
            version_id=one.version_id,
            node_id=node.pk,
            visit=one.visit,
            profile_id=one.profile_id,
            template_id=node.template_id,
            channel=node.template.channel,
            created_at=now,
            due_at=now,
        )
    StepRecord.objects.create(
        enrollment_id=one.pk,
        profile_id=one.profile_id,
        node_id=node.pk,
        visit=one.visit,
        entered_at=one.node_entered_at,
        left_at=now,
        port="next",
        outcome="advance",
    )
    one.node_id, one.visit, one.node_entered_at = node.edges_out.get(port="next").target_id, one.visit + 1, now
    one.save()


def test_advance(process_env: dict[str, str], valkey: object) -> None:
    sql(
        "INSERT INTO profiles_profile (attributes, created_at, updated_at) SELECT '{}', %(now)s, %(now)s"
        " FROM generate_series(1, %(people)s)",
        now=NOW,
        people=PEOPLE,
    )
    by_limit = waiting("Limit", PEOPLE)
    by_hand, _ = waiting("Naive", NAIVE)
    Journey.objects.update(state=Journey.State.PAUSED)  # the runner leaves these alone
    by_us, _ = waiting("Ours", PEOPLE)
    sql("ANALYZE")
    before = stored()
    activations, early, memory = ours(process_env)
    growth = {table.removeprefix("journeys_"): (size - before[table]) // PEOPLE for table, size in stored().items()}
    assert Message.objects.filter(journey_id=by_us.pk).count() == PEOPLE
    assert StepRecord.objects.count() == 2 * PEOPLE
    highest, lowest = limit(*by_limit), naive(by_hand)
    result = {
        "unit": "activations/s",
        "people": PEOPLE,
        "ours": round(activations),
        "limit": round(highest),
        "naive": round(lowest, 1),
        "share_of_limit": round(activations / highest, 3),
        "times_naive": round(activations / lowest),
        "worker_early_mb": early,
        "worker_peak_mb": memory,
        "bytes_per_activation": growth,
    }
    print(result)  # noqa: T201
    note("advance", result)
