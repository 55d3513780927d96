"""Callers of webhooks are killed with SIGKILL at every boundary, and in the middle of their calls: everybody is called
for, a repeat carries the same id, each answer counts once, and nobody is stuck.
"""

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from journeys.asking import calls
from journeys.engine import inbox, runner
from journeys.models import Enrollment, Message, Node, Request, StepRecord, Tally
from tests import builders, processes
from tests.conftest import NOW
from tests.mail import Gateway, gateway
from tests.product import wait_for
from tests.waiting import somebody_waits

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]

PEOPLE = 40
PATIENCE = 120  # seconds: a killed worker is gone at once, a healthy one needs two or three
LEASE = calls.LEASE + timedelta(seconds=1)
DRAWING = """
    start: entry_event(event="Viewed") -> hook
    hook: webhook(url=url, answer_name="offer") answered -> dear, failed -> sorry
    dear: by_answer(ask_key="hook", where=dear) yes -> mail, no -> sorry
    mail: send(template="Offer") -> done
    done: exit(reason="Done")
    sorry: exit(reason="No answer")
"""
PATH = [("start", "next"), ("hook", "answered"), ("dear", "yes"), ("mail", "next"), ("done", "")]

Start = Callable[..., processes.Running]


@pytest.fixture
def gate() -> Iterator[Gateway]:
    with gateway() as server:
        server.answer = (200, {}, {"price": 80})
        yield server


@pytest.fixture
def people(gate: Gateway) -> None:
    """They are about to be called for."""
    dear = [{"field": "price", "op": "gt", "value": 50}]
    builders.journey(DRAWING, url=gate.url + "/hook", dear=dear)
    for start in range(0, PEOPLE, 20):
        builders.calls(*(builders.tracked("Viewed", f"u{n}") for n in range(start, start + 20)))


@pytest.fixture
def worker(process_env: dict[str, str]) -> Start:
    """Start a worker, with or without a failpoint."""

    def start(now: datetime, failpoint: str = "") -> processes.Running:
        return processes.start(process_env, "tests.crash.call_worker", now, failpoint=failpoint)

    return start


def work(now: datetime) -> None:
    """A healthy worker, in this process."""
    while inbox.take(1000, now) or runner.advance(now, 1000) or calls.call_due(now):
        pass


def called(gate: Gateway) -> Counter[str]:
    """How often for each request; a repeat says the same."""
    said = {(headers["webhook-id"], body) for _method, _path, headers, body in gate.asked}
    assert len(said) == len({ident for ident, _body in said})
    return Counter(headers["webhook-id"] for _method, _path, headers, _body in gate.asked)


def everybody_went_on() -> None:
    """Once, by the answer."""
    assert set(Request.objects.values_list("state", "result", "status")) == {("answered", "answered", 200)}
    assert [one.answer for one in Request.objects.all()] == [{"price": 80}] * PEOPLE
    keys = dict(Node.objects.values_list("pk", "key"))
    steps: dict[int, list[tuple[str, str]]] = {}
    for step in StepRecord.objects.order_by("visit", "id"):
        steps.setdefault(step.enrollment_id, []).append((keys[step.node_id], step.port))
    assert list(steps.values()) == [PATH] * PEOPLE
    assert set(Enrollment.objects.values_list("state", "reason", "due_at")) == {(2, "Done", None)}
    assert Counter(Message.objects.values_list("profile_id", flat=True)).total() == Enrollment.objects.count() == PEOPLE
    assert sum(Tally.objects.filter(metric="completed").values_list("count", flat=True)) == PEOPLE


def test_killed_at_every_boundary(gate: Gateway, people: None, worker: Start) -> None:
    """One after the other, each when the lease of the dead one before it has ended."""
    now = NOW
    for failpoint, times in (
        ("calls.claimed", 0),  # nobody was called for yet
        ("calls.called", 1),  # everybody was, and nothing is written down
        ("calls.settled", 2),  # everything is written down
    ):
        assert worker(now, failpoint).wait(PATIENCE) == -signal.SIGKILL
        asked = called(gate)
        assert asked == Counter({f"omc_{pk}": times for pk in Request.objects.values_list("pk", flat=True) if times})
        if failpoint != "calls.settled":
            work(now)  # what the dead one holds is left alone while its lease lasts
            assert called(gate) == asked
            now += LEASE
    work(now)
    assert called(gate) == asked
    everybody_went_on()


def test_killed_while_it_calls_beside_others(gate: Gateway, people: None, worker: Start) -> None:
    """The others go on; what the dead one held is called again when its lease has ended."""
    calling, beside = threading.Event(), threading.Event()

    def heard(n: int) -> None:
        calling.set()
        if n >= 5 and beside.wait(PATIENCE):
            victim.kill()

    gate.heard = heard
    victim = worker(NOW)
    assert calling.wait(PATIENCE)
    others = [worker(NOW), worker(NOW)]
    beside.set()
    assert victim.wait(PATIENCE) == -signal.SIGKILL
    assert [one.wait(PATIENCE) for one in others] == [0, 0]
    work(NOW + LEASE)
    counted = called(gate)
    assert len(counted) == PEOPLE
    assert set(counted.values()) <= {1, 2}
    everybody_went_on()


def test_people_whom_somebody_holds_in_another_order_are_called_for_once(gate: Gateway, people: None) -> None:
    """Writing down the answers and the inbox may wait for each other; what was answered is not asked again."""
    while inbox.take(1000, NOW) or runner.advance(NOW, 1000):
        pass
    first, *_, last = Enrollment.objects.order_by("pk").values_list("pk", flat=True)
    held = threading.Event()

    def hold() -> None:
        try:
            # On a slow machine it may be us who are made to give way.
            with suppress(OperationalError), transaction.atomic():
                list(Enrollment.objects.select_for_update().filter(pk=last))
                held.set()
                wait_for(somebody_waits, 30, "the answers wait for us")
                list(Enrollment.objects.select_for_update().filter(pk=first))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(hold)
        assert held.wait(30)
        work(NOW)
        other.result()
    work(NOW)
    assert set(called(gate).values()) == {1}
    everybody_went_on()
