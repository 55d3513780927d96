"""Nobody gets the same message twice because they turned out to be one person."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from journeys.delivery.outbox import send_due
from journeys.engine import inbox, runner
from journeys.models import Enrollment, Message
from profiles.models import Merge, Profile
from profiles.services.unmerge import unmerge
from tests import builders
from tests.builders import calls, identify, tracked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

HOUR = timedelta(hours=1)
AT_ONCE = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> done
    done: exit()
"""
LATER = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> wait
    wait: delay(amount=1, unit="days") -> next
    next: send(template="Next") -> done
    done: exit()
"""


def run(at: datetime) -> None:
    """Everybody has heard and walked."""
    while inbox.take(1000, at) or runner.advance(at, 1000):
        pass


def both_sign_up(now: datetime) -> None:
    """The same person, as a visitor with an e-mail of their own and as somebody known."""
    builders.account("sandbox")
    calls(identify("u1", email="u1@shop.example"), tracked("Signed Up", "u1"), now=now)
    calls(identify("", "a1", email="a1@shop.example"), tracked("Signed Up", None, "a1"), now=now + HOUR / 60)
    run(now + HOUR / 60)


def states() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("id").values_list("state", "reason"))


TOLD = ("skipped", "told_before")


@pytest.mark.parametrize("heard", [True, False], ids=["journeys have heard", "journeys have not heard yet"])
def test_two_waiting_messages_of_one_step_are_one(now: datetime, heard: bool) -> None:
    builders.journey(AT_ONCE)
    both_sign_up(now)
    assert set(Enrollment.objects.values_list("state", flat=True)) == {Enrollment.State.COMPLETED}
    # Both passages ended at once and do not overlap: each alone would be allowed, and a day later it is.
    Enrollment.objects.update(ended_at=now + HOUR)
    calls(identify("u1", "a1"), now=now + HOUR)
    if heard:
        run(now + HOUR)
    assert send_due(now + HOUR) == 2
    assert states() == [("sent", ""), TOLD]


def test_what_was_sent_to_the_one_is_not_sent_to_the_other(now: datetime) -> None:
    builders.journey(AT_ONCE, settings={"reentry": "once"})
    both_sign_up(now)
    Message.objects.order_by("-id").filter(pk=Message.objects.latest("id").pk).update(due_at=now + 2 * HOUR)
    send_due(now + HOUR)
    calls(identify("u1", "a1"), now=now + HOUR)
    run(now + HOUR)
    send_due(now + 3 * HOUR)
    assert states() == [("sent", ""), TOLD]


def test_one_of_two_passages_goes_on(now: datetime) -> None:
    builders.journey(LATER)
    both_sign_up(now)
    calls(identify("u1", "a1"), now=now + HOUR)
    run(now + HOUR)
    send_due(now + HOUR)
    assert [state for state, _reason in states()] == ["sent", "skipped"]
    run(now + 25 * HOUR)
    send_due(now + 26 * HOUR)
    assert [state for state, _reason in states()] == ["sent", "skipped", "sent"]
    assert Message.objects.filter(state="sent").count() == 2


def test_through_a_journey_of_once_nobody_goes_twice(now: datetime) -> None:
    builders.journey(LATER, settings={"reentry": "once"})
    builders.account("sandbox")
    calls(identify("u1", email="u1@shop.example"), tracked("Signed Up", "u1"), now=now)
    run(now)
    run(now + 25 * HOUR)
    calls(identify("", "a1", email="a1@shop.example"), tracked("Signed Up", None, "a1"), now=now + 26 * HOUR)
    run(now + 26 * HOUR)
    calls(identify("u1", "a1"), now=now + 27 * HOUR)
    run(now + 60 * HOUR)
    send_due(now + 60 * HOUR)
    assert [state for state, _reason in states()] == ["sent", "sent", "skipped"]
    assert list(Enrollment.objects.order_by("id").values_list("state", flat=True)) == [2, 3]


def test_every_time_means_every_time(now: datetime) -> None:
    builders.journey(AT_ONCE, settings={"reentry": "always"})
    both_sign_up(now)
    calls(identify("u1", "a1"), now=now + HOUR)
    run(now + HOUR)
    send_due(now + HOUR)
    assert states() == [("sent", ""), ("sent", "")]


def test_after_the_join_is_undone_both_are_written_to(now: datetime) -> None:
    builders.journey(AT_ONCE)
    both_sign_up(now)
    Enrollment.objects.update(ended_at=now + HOUR)
    calls(identify("u1", "a1"), now=now + HOUR)
    run(now + HOUR)
    unmerge(Merge.objects.get().pk, by=None, now=now + HOUR)
    run(now + HOUR)
    send_due(now + HOUR)
    told: list[Any] = list(Message.objects.order_by("id").values_list("state", "address"))
    assert told == [("sent", "u1@shop.example"), ("sent", "a1@shop.example")]
    assert Profile.objects.filter(merged_into=None).count() == 2
