"""Journeys that start each other: the chain ends, and it is said where somebody looks."""

from datetime import timedelta

import pytest
from django.db import transaction

from journeys.engine import brakes, inbox, runner
from journeys.models import Braked, Enrollment, Journey
from journeys.queries.explain import explanation
from journeys.reports.attention import notices
from journeys.services import drafts, lifecycle
from journeys.validation import check
from omnichannel.shared import clock
from profiles.models import Profile
from profiles.services import changes, segments
from tests import builders
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "valkey")]
HOUR = timedelta(hours=1)
SENT = """
    ask: entry_event(event="Asked") -> go
    start: entry_journey() -> go
    go: start_journey() -> done
    done: exit()
"""
NOTED = """
    start: entry_event(event="Asked") -> go
    go: emit_event(event="Told") -> done
    done: exit()
"""


def work(minutes: int = 0) -> None:
    now = NOW + timedelta(minutes=minutes)
    clock.freeze(now)
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass


def chains() -> list[int]:
    return list(Enrollment.objects.order_by("pk").values_list("chain", flat=True))


def each_other() -> tuple[Journey, Journey]:
    """Two journeys, each with a step that starts the other."""
    first, second = (builders.journey(SENT, name=name, publish=False) for name in ("First", "Second"))
    for made, other in ((first, second), (second, first)):
        told = {"op": "configure", "key": "go", "config": {"journey": other.pk}}
        drafts.apply(made, drafts.current(made).revision, [told], by=None)
        made.refresh_from_db()
    for made in (first, second):
        lifecycle.publish(made, None, NOW)
    return first, second


def ask(user: str = "ann", minutes: int = 0) -> Profile:
    clock.freeze(NOW + timedelta(minutes=minutes))
    builders.calls(builders.identify(user), builders.tracked("Asked", user))
    return Profile.objects.get(identities__kind="user_id", identities__value=user)


def test_two_journeys_that_start_each_other_come_to_an_end_and_say_so() -> None:
    first, second = each_other()
    ann = ask()
    work()
    assert sorted(chains()) == sorted([*range(brakes.MOST + 1)] * 2)  # the event is an entry of both
    assert set(Enrollment.objects.values_list("state", flat=True)) == {Enrollment.State.COMPLETED}
    assert set(Braked.objects.values_list("journey_id", "profile_id", "at")) == {
        (first.pk, ann.pk, NOW), (second.pk, ann.pk, NOW)
    }  # fmt: skip
    work(1)
    assert len(chains()) == 2 * (brakes.MOST + 1)
    told = explanation(second, ann.pk, NOW).why_not
    assert told is not None
    assert "journeys had sent them on 10 times" in told.short
    assert any("at most 10 times in a row" in line.words and line.holds is False for line in told.lines)
    text = "1 person was sent round by journeys that start each other, and was stopped."
    assert text in [problem.text for problem in check(drafts.current(second))]
    assert "1 person was sent into “First” again and again." in [notice.title for notice in notices(NOW)]
    ask(minutes=2)
    work(2)
    assert len(chains()) == 4 * (brakes.MOST + 1)  # what they do themselves begins anew


def test_a_circle_that_takes_its_time_goes_on() -> None:
    drawing = """
        start: entry_event(event="Asked") -> w
        back: entry_journey() -> w
        w: delay(amount=61, unit="minutes") -> go
    """
    made = builders.journey(f"{drawing}go: start_journey()", publish=False)
    other = builders.journey("start: entry_journey() -> go\ngo: start_journey(journey=made)", name="Other", made=made)
    told = {"op": "configure", "key": "go", "config": {"journey": other.pk}}
    drafts.apply(made, drafts.current(made).revision, [told], by=None)
    made.refresh_from_db()
    lifecycle.publish(made, None, NOW)
    ask()
    for turn in range(14):
        work(62 * turn)
    assert not Braked.objects.exists()
    assert max(chains()) == 2
    assert Enrollment.objects.filter(journey_id=made.pk).count() == 14


def test_events_that_journeys_write_down_are_followed_too() -> None:
    builders.journey(NOTED, name="First")
    builders.journey(NOTED.replace("Asked", "x").replace("Told", "Asked").replace('"x"', '"Told"'), name="Second")
    ask()
    work()
    assert chains() == [*range(brakes.MOST + 1)]
    assert Braked.objects.count() == 1


def test_a_segment_that_is_joined_again_and_again_is_stopped_for_an_hour() -> None:
    readers = segments.create("Readers", {"type": "everybody"})
    builders.journey("start: entry_segment(segment=readers) -> end\nend: exit()", readers=readers)
    one = builders.profile(NOW)
    for minute in range(12):
        with transaction.atomic():
            joined = changes.NewChange(one.pk, "entered", str(readers.pk), at=NOW + timedelta(minutes=minute))
            changes.record([joined], NOW + timedelta(minutes=minute))
        work(minute)
    assert chains() == [*range(1, brakes.MOST + 1)]
    assert Braked.objects.get().at == NOW + timedelta(minutes=11)
    with transaction.atomic():
        changes.record([changes.NewChange(one.pk, "entered", str(readers.pk), at=NOW + 2 * HOUR)], NOW + 2 * HOUR)
    work(120)
    assert chains()[-1] == 1
    brakes.forget(NOW + timedelta(days=8))
    assert not Braked.objects.exists()
