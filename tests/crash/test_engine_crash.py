"""Workers are killed with SIGKILL at every boundary: everybody ends where the reference says, every message once."""

import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from journeys.engine import graph, inbox, runner
from journeys.engine.lives import Did, Reacted
from journeys.engine.reference import Customer
from journeys.models import Enrollment, Journey, Message, StepRecord, Tally
from omnichannel.shared.failpoints import POINTS
from profiles.models import Profile
from tests import builders, processes
from tests.conftest import NOW

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

PEOPLE = 40
PATIENCE = 120  # seconds: a killed worker is gone at once, a healthy one needs two or three
LATER = NOW + timedelta(hours=2)
END = NOW + timedelta(days=1)
DRAWING = """
    start: entry_event(event="Signed Up") -> first
    first: send(template="Welcome") -> mark
    mark: update_profile(changes=[{"attribute": "stage", "value": "new"}]) -> split
    split: random_split() arm_1 -> read, arm_2 -> wait
    read: opened(send_key="first", amount=1, unit="days") opened -> known, not_opened -> second
    wait: wait_event(event="Bought", amount=1, unit="days") happened -> known, timed_out -> second
    known: audience(condition={"type": "attribute", "field": "stage", "op": "eq", "value": "new"}) yes -> done
    second: send(template="Second") -> done
    done: exit(reason="Done")
"""

KILLS = [
    ("inbox.taken", NOW),
    ("inbox.written", NOW),
    ("inbox.committed", LATER),
    ("runner.claimed", NOW),
    ("runner.loaded", LATER),
    ("runner.effects_written", NOW),
    ("runner.effects_written", LATER),
    ("runner.written", LATER),
    ("runner.committed", NOW),
]

Worker = Callable[..., processes.Running]


@pytest.fixture
def worker(process_env: dict[str, str]) -> Worker:
    """Start a worker for a moment, with or without a failpoint."""

    def start(now: datetime, failpoint: str = "") -> processes.Running:
        return processes.start(process_env, "tests.crash.engine_worker", now, failpoint=failpoint)

    return start


def work(now: datetime) -> None:
    """A healthy worker, in this process."""
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass


def sign_up() -> list[Profile]:
    builders.calls(*(builders.identify(f"u{n}", email=f"u{n}@shop.example") for n in range(PEOPLE)))
    builders.calls(*(builders.tracked("Signed Up", f"u{n}") for n in range(PEOPLE)))
    return list(Profile.objects.order_by("id"))


def react(people: list[Profile]) -> None:
    """Two hours later every third person opens the first message, and every fourth buys."""
    Message.objects.filter(state="pending").update(state="sent", sent_at=NOW)
    rows = []
    for person in people[::3]:
        Message.objects.filter(profile_id=person.pk).update(opened_at=LATER)
        rows.append((person.pk, "Message Opened", "message"))
    rows += [(person.pk, "Bought", "track") for person in people[::4]]
    builders.known(rows, LATER)


def by_reference(journey: Journey, people: list[Profile]) -> list[Any]:
    compiled = graph.load(journey.live_id or 0)
    told = []
    for number, person in enumerate(people):
        customer = Customer(compiled, person.pk, {"email": f"u{number}@shop.example"})
        customer.live([Did(NOW, "Signed Up")], NOW)
        happens: list[Any] = [Reacted(LATER, "first", "opened")] if number % 3 == 0 else []
        customer.live(happens + [Did(LATER, "Bought")] * (number % 4 == 0), LATER)
        customer.live([], END)
        (one,) = customer.passages
        told.append((one.walk.state, one.walk.reason, one.path, [(m.node_key, m.visit) for m in one.messages]))
    return told


def by_engine(journey: Journey, people: list[Profile]) -> list[Any]:
    keys = {ident: node.key for ident, node in graph.load(journey.live_id or 0).nodes.items()}
    told = []
    for person in people:
        one = Enrollment.objects.get(profile_id=person.pk)
        steps = StepRecord.objects.filter(enrollment_id=one.pk).order_by("visit")
        messages = Message.objects.filter(enrollment_id=one.pk).order_by("id")
        path = [(keys[step.node_id], step.port) for step in steps]
        told.append((one.state, one.reason, path, [(keys[m.node_id or 0], m.visit) for m in messages]))
    return told


def counted(metric: str) -> int:
    return sum(Tally.objects.filter(metric=metric).values_list("count", flat=True))


def test_every_failpoint_is_tried() -> None:
    assert {point for point, _ in KILLS} == {point for point in POINTS if point.startswith(("inbox.", "runner."))}


@pytest.mark.parametrize(("point", "moment"), KILLS)
def test_killed_at(point: str, moment: datetime, worker: Worker) -> None:
    """Killed while people come in, or while those who waited go on; a healthy worker finishes."""
    journey = builders.journey(DRAWING)
    people = sign_up()
    if moment == NOW:
        assert worker(NOW, f"{point}:2").wait(PATIENCE) == -signal.SIGKILL
    work(NOW)
    react(people)
    if moment == LATER:
        assert worker(LATER, f"{point}:1").wait(PATIENCE) == -signal.SIGKILL
    work(LATER)
    work(END)
    assert by_engine(journey, people) == by_reference(journey, people)
    assert counted("started") == counted("completed") == PEOPLE
    assert counted("queued") == Message.objects.count()


def test_several_workers_at_once_and_one_is_killed(worker: Worker) -> None:
    journey = builders.journey(DRAWING)
    people = sign_up()
    workers = [worker(NOW), worker(NOW), worker(NOW, "runner.written:3")]
    for one in workers:
        one.wait(PATIENCE)
    work(NOW)
    react(people)
    workers = [worker(LATER), worker(LATER)]
    assert [one.wait(PATIENCE) for one in workers] == [0, 0]
    work(LATER)
    work(END)
    assert by_engine(journey, people) == by_reference(journey, people)
    assert counted("started") == counted("completed") == PEOPLE


def test_the_same_sign_up_from_two_processes_is_one_enrollment(worker: Worker) -> None:
    """Each process finds a change of its own for the same person: the unique index lets one of them in."""
    builders.journey(DRAWING)
    people = sign_up()
    builders.known([(person.pk, "Signed Up", "track") for person in people], NOW)
    for one in [worker(NOW), worker(NOW)]:
        assert one.wait(PATIENCE) == 0
    assert Enrollment.objects.count() == PEOPLE
    assert Message.objects.filter(node_id__isnull=False).count() == PEOPLE


def test_a_failing_statement_leaves_everything_as_it_was() -> None:
    """Raised inside the transaction: nothing of the batch remains, and the next run does it all."""
    from omnichannel.shared import failpoints

    journey = builders.journey(DRAWING)
    people = sign_up()
    for point in ("inbox.written", "runner.written"):
        failpoints.arm(f"{point}:1:raise")
        with pytest.raises(failpoints.InjectedError), transaction.atomic():
            work(NOW)
        assert (Message.objects.count(), StepRecord.objects.count()) == (0, 0)
    work(NOW)
    react(people)
    work(LATER)
    work(END)
    assert by_engine(journey, people) == by_reference(journey, people)
