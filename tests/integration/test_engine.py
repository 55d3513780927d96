"""People move, wait, are woken, and end: the engine on a real database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Message, StepRecord
from profiles.models import Change
from tests import builders
from tests.conftest import NOW
from tests.integration.engine_world import DAY, MINUTE, OPENED_OR_NOT, WAITING, does, paths, sign_up, tally, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_openers_go_one_way_and_the_others_another() -> None:
    builders.journey(OPENED_OR_NOT)
    reader, sleeper = sign_up("reader", "sleeper")
    work(NOW)
    assert list(Message.objects.values_list("profile_id", "state", "channel")) == [
        (reader.pk, "pending", "email"),
        (sleeper.pk, "pending", "email"),
    ]
    Message.objects.update(state="sent", sent_at=NOW)
    Message.objects.filter(profile_id=reader.pk).update(opened_at=NOW + MINUTE)
    builders.known([(reader.pk, "Message Opened", "message")], NOW + MINUTE)
    work(NOW + 2 * MINUTE)
    reader.refresh_from_db()
    assert reader.attributes == {"email": "reader@shop.example", "stage": "reader"}
    work(NOW + DAY)
    assert paths() == [
        [("start", "next"), ("mail", "next"), ("read", "opened"), ("vip", "next"), ("done", "")],
        [("start", "next"), ("mail", "next"), ("read", "not_opened"), ("again", "next"), ("done", "")],
    ]
    assert list(Enrollment.objects.values_list("state", "reason")) == [(Enrollment.State.COMPLETED, "Done")] * 2
    assert tally() == {
        ("start", "started"): 2,
        ("start", "entered"): 2,
        ("start", "left"): 2,
        ("start", "port:next"): 2,
        ("start", "completed"): 2,
        ("mail", "entered"): 2,
        ("mail", "left"): 2,
        ("mail", "port:next"): 2,
        ("mail", "queued"): 2,
        ("read", "entered"): 2,
        ("read", "left"): 2,
        ("read", "port:opened"): 1,
        ("read", "port:not_opened"): 1,
        ("vip", "entered"): 1,
        ("vip", "left"): 1,
        ("vip", "port:next"): 1,
        ("again", "entered"): 1,
        ("again", "left"): 1,
        ("again", "port:next"): 1,
        ("again", "queued"): 1,
        ("done", "entered"): 2,
        ("done", "left"): 2,
    }


def test_a_step_keeps_the_facts_that_decided() -> None:
    builders.journey(OPENED_OR_NOT)
    (reader,) = sign_up("reader")
    work(NOW)
    Message.objects.update(state="sent", sent_at=NOW, opened_at=NOW + MINUTE)
    builders.known([(reader.pk, "Message Opened", "message")], NOW + MINUTE)
    work(NOW + MINUTE)
    step = StepRecord.objects.get(port="opened")
    opened = {"state": "sent", "opened_at": "2026-03-02T10:01:00+00:00", "clicked_at": None, "human_opened_at": None}
    assert step.facts == {"engaged": {"mail": opened}}


def test_an_event_wakes_and_the_timer_does_nothing_more() -> None:
    builders.journey(WAITING)
    sign_up("buyer")
    work(NOW)
    does("buyer", "Bought", NOW + MINUTE)
    work(NOW + MINUTE)
    work(NOW + 2 * DAY)
    assert paths() == [[("start", "next"), ("wait", "happened"), ("thanks", "next"), ("done", "")]]


def test_an_event_right_behind_the_trigger_is_not_missed() -> None:
    """Both are known before the engine has moved anybody: what came after the trigger counts."""
    builders.journey(WAITING)
    builders.calls(
        {**builders.tracked("Signed Up", "u"), "timestamp": (NOW - MINUTE).isoformat()},
        {**builders.tracked("Bought", "u"), "timestamp": (NOW - MINUTE / 2).isoformat()},
    )
    work(NOW)
    assert paths() == [[("start", "next"), ("wait", "happened"), ("thanks", "next"), ("done", "")]]


def test_an_event_before_the_wait_does_not_count() -> None:
    builders.journey(WAITING)
    does("u", "Bought", NOW - DAY)
    sign_up("u")
    work(NOW)
    assert paths() == [[("start", "next")]]


def test_an_event_known_before_a_late_timer_decides() -> None:
    """The timer was due, nobody worked, the event came in time and was stored: it counts."""
    builders.journey(WAITING)
    sign_up("in_time", "too_late")
    work(NOW)
    does("in_time", "Bought", NOW + DAY - MINUTE)
    does("too_late", "Bought", NOW + DAY + MINUTE)
    runner.advance(NOW + 2 * DAY)  # the timer first, the inbox has not been read
    work(NOW + 2 * DAY)
    assert [path[1] for path in paths()] == [("wait", "happened"), ("wait", "timed_out")]


def test_statements_do_not_grow_with_people() -> None:
    builders.journey(OPENED_OR_NOT)

    def statements(first: int, last: int) -> tuple[int, int]:
        sign_up(*(f"u{n}" for n in range(first, last)))
        with CaptureQueriesContext(connection) as taking:
            assert inbox.take(5000, NOW) == last - first
        with CaptureQueriesContext(connection) as moving:
            assert runner.advance(NOW, 5000) == last - first
        return len(taking), len(moving)

    statements(0, 1)  # the graph is compiled once
    few = statements(1, 11)
    many = statements(11, 1011)
    assert few == many
    assert few < (12, 16)


def test_nothing_is_recorded_that_nobody_wants_to_hear() -> None:
    builders.journey(WAITING)
    does("u", "Viewed", NOW)
    assert not Change.objects.filter(consumer="journeys").exists()


@pytest.mark.parametrize(
    ("wait", "port"),
    [
        ("delay(amount=10, unit='minutes')", "next"),
        ("wait_event(event='Never', amount=10, unit='minutes')", "timed_out"),
    ],
)
def test_waits_behind_something_late_each_take_their_time(wait: str, port: str) -> None:
    builders.journey(
        f"""
        start: entry_event(event="Signed Up") -> one
        one: {wait} {port} -> two
        two: {wait} {port} -> three
        three: {wait} {port} -> done
        done: exit()
        """,
        at=NOW - DAY,
    )
    happened = NOW - 15 * MINUTE
    does("u", "Signed Up", happened)
    work(NOW)
    assert [path[1:] for path in paths()] == [[("one", port)]]
    one = Enrollment.objects.get()
    assert (one.node_entered_at, one.due_at) == (happened + 10 * MINUTE, happened + 20 * MINUTE)
    left = StepRecord.objects.values_list("entered_at", "left_at").last()
    assert left == (happened, happened + 10 * MINUTE)
    work(NOW + 5 * MINUTE)
    assert Enrollment.objects.get().due_at == NOW + 15 * MINUTE
