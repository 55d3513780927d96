"""Tasks for colleagues; and points that let only so many through, also with two workers at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from journeys.engine import gates, inbox, runner
from journeys.models import Enrollment, GateTurn, Node, Request, StepRecord
from journeys.queries import colleagues
from journeys.services import lifecycle
from journeys.services.colleagues import TaskError, answer
from omnichannel.accounts.models import User
from profiles.models import Profile
from tests import builders, processes
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
PATIENCE = 120  # seconds: a machine may be busy
DAY = timedelta(days=1)
CALL = """
    start: entry_event(event="Viewed") -> call
    call: task(task="Call {{ first_name }}: {{ event.product }}") way_1 -> asked, way_2 -> no, timed_out -> late
    asked: by_answer(ask_key="call", where=eager) yes -> yes, no -> no
    yes: exit(reason="Yes")
    no: exit(reason="No")
    late: exit(reason="Nobody called")
"""
EAGER = [{"field": "note", "op": "contains", "value": "wants"}]


@pytest.fixture(autouse=True)
def _standing_clock(now: datetime) -> None:
    """Nobody looks at the machine's clock."""


def work(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass


def view(*users: str, at: datetime = NOW) -> list[Profile]:
    for user in users:
        builders.calls(
            builders.identify(user, first_name=user.title()), builders.tracked("Viewed", user, product="Lamp"), now=at
        )
    return [Profile.objects.get(identities__kind="user_id", identities__value=user) for user in users]


def path() -> list[tuple[str, str]]:
    keys = dict(Node.objects.values_list("pk", "key"))
    return [(keys[step.node_id], step.port) for step in StepRecord.objects.order_by("visit")]


@pytest.fixture
def ben() -> User:
    return User.objects.create(email="ben@shop.example", name="Ben")


def test_what_a_colleague_says_leads_on(ben: User) -> None:
    builders.journey(CALL, eager=EAGER)
    (ann,) = view("ann")
    work(NOW)
    (task,) = colleagues.waiting(ben, NOW)
    assert (task.text, task.details, task.person) == ("Call Ann: Lamp", "", ann)
    assert (task.results, task.request.due_at) == ([("way_1", "Reached"), ("way_2", "Not reached")], NOW + 3 * DAY)
    answer(task.request, "way_1", "She wants two", ben, NOW + HOUR)
    work(NOW + HOUR)
    assert path() == [("start", "next"), ("call", "way_1"), ("asked", "yes"), ("yes", "")]
    assert colleagues.waiting(None, NOW + HOUR) == []
    (done,) = colleagues.done()
    assert done.request.answer == {"result": "Reached", "note": "She wants two", "by": str(ben)}
    with pytest.raises(TaskError):
        answer(task.request, "way_2", "", ben, NOW + 2 * HOUR)
    assert Request.objects.get().result == "way_1"


def test_whose_time_is_over_goes_on_and_cannot_be_answered_for(ben: User) -> None:
    builders.journey(CALL, eager=EAGER)
    view("ann")
    work(NOW)
    work(NOW + 3 * DAY)
    assert path() == [("start", "next"), ("call", "timed_out"), ("late", "")]
    assert colleagues.waiting(None, NOW + 3 * DAY) == []
    with pytest.raises(TaskError):
        answer(Request.objects.get(), "way_1", "", ben, NOW + 3 * DAY)
    assert Request.objects.get().state == "pending"


def test_what_was_said_in_time_counts_also_when_nobody_worked_until_later(ben: User) -> None:
    builders.journey(CALL, eager=EAGER)
    view("ann")
    work(NOW)
    answer(Request.objects.get(), "way_2", "", ben, NOW + 3 * DAY - MINUTE)
    work(NOW + 5 * DAY)
    assert path()[1] == ("call", "way_2")


def test_a_task_of_one_colleague_is_not_shown_to_others_and_ends_with_its_journey(ben: User) -> None:
    eve = User.objects.create(email="eve@shop.example", name="Eve")
    made = builders.journey(
        'start: entry_event(event="Viewed") -> call\ncall: task(task="Call", assignee=ben) way_1 -> done\ndone: exit()',
        ben=ben,
    )
    view("ann")
    work(NOW)
    assert [len(colleagues.waiting(who, NOW)) for who in (ben, eve, None)] == [1, 0, 1]
    lifecycle.archive(made, None, NOW)
    assert colleagues.waiting(ben, NOW) == []


def test_the_page_of_tasks(client_as: Any) -> None:
    builders.journey(CALL, eager=EAGER)
    view("ann")
    work(NOW)
    request = Request.objects.get()
    marketer: Client = client_as("marketer")
    page = marketer.get("/tasks/").content.decode()
    assert "Call Ann: Lamp" in page
    assert "Not reached" in page
    assert client_as("analyst").post(f"/tasks/{request.pk}/", {"result": "way_1"}).status_code == 403
    request.refresh_from_db()
    assert request.state == "pending"
    assert marketer.post(f"/tasks/{request.pk}/", {"result": "nonsense"}).status_code == 302
    request.refresh_from_db()
    assert request.state == "pending"
    assert marketer.post(f"/tasks/{request.pk}/", {"result": "way_2", "note": "Busy"}).status_code == 302
    page = marketer.get("/tasks/").content.decode()
    assert "Nothing to do" in page
    assert "Busy" in page


GATE = """
    start: entry_event(event="Viewed") -> gate
    gate: rate_gate(people=3, per=3600) -> done
    done: exit()
"""


def passed() -> list[datetime]:
    return list(StepRecord.objects.filter(outcome="exit").order_by("left_at", "id").values_list("left_at", flat=True))


def gate_order() -> list[int]:
    return list(StepRecord.objects.filter(outcome="exit").order_by("id").values_list("profile_id", flat=True))


def test_only_so_many_pass_in_the_order_in_which_they_came() -> None:
    builders.journey(GATE)
    people = []
    for second in range(8):
        people += view(f"u{second}", at=NOW + timedelta(seconds=second))
    work(NOW + timedelta(seconds=8))
    for minutes in range(0, 200, 5):
        work(NOW + timedelta(seconds=8) + minutes * MINUTE)
    at = NOW + timedelta(seconds=8)
    assert passed() == [at] * 3 + [at + HOUR] * 3 + [at + 2 * HOUR] * 2
    assert gate_order() == [person.pk for person in people]


def test_who_was_due_while_nobody_worked_does_not_pass_all_at_once() -> None:
    builders.journey(GATE)
    view(*(f"u{n}" for n in range(9)))
    work(NOW)
    late = NOW + 10 * HOUR
    for minutes in range(0, 130, 10):
        work(late + minutes * MINUTE)
    assert passed() == [NOW] * 3 + [late] * 3 + [late + HOUR] * 3


def test_whoever_left_the_journey_holds_no_place_for_those_who_come_later() -> None:
    builders.journey(GATE, settings={"exit_rules": [{"on": "event", "event": "Bought"}]})
    view(*(f"u{n}" for n in range(9)))
    work(NOW)
    builders.calls(*(builders.tracked("Bought", f"u{n}") for n in range(9)), now=NOW + MINUTE)
    work(NOW + MINUTE)
    assert Enrollment.objects.filter(state=Enrollment.State.ACTIVE).count() == 0
    view("new", at=NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    assert Enrollment.objects.get(state=Enrollment.State.ACTIVE).due_at == NOW + HOUR
    work(NOW + HOUR)
    assert passed()[-1] == NOW + HOUR
    gates.forget(NOW + 3 * DAY)
    assert not GateTurn.objects.exists()


def test_a_gate_costs_the_same_for_few_and_many() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    builders.journey(GATE.replace("people=3", "people=1000"))

    def statements(first: int, last: int) -> int:
        view(*(f"u{n}" for n in range(first, last)))
        inbox.take(5000, NOW)
        with CaptureQueriesContext(connection) as moving:
            runner.advance(NOW, 5000)
        return len(moving)

    statements(0, 1)
    assert statements(1, 5) == statements(5, 30)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_let_no_more_through(process_env: dict[str, str]) -> None:
    builders.journey(GATE.replace("people=3", "people=25"))
    people = [builders.profile() for _ in range(200)]
    builders.known([(person.pk, "Viewed", "track") for person in people], NOW)
    workers = [processes.start(process_env, "tests.crash.engine_worker", NOW) for _ in range(2)]
    assert [one.wait(PATIENCE) for one in workers] == [0, 0]
    assert passed() == [NOW] * 25
    work(NOW + HOUR)
    assert passed() == [NOW] * 25 + [NOW + HOUR] * 25
    assert len(set(gate_order())) == 50
