"""Somebody whose time zone changes is called once for each occasion: neither missed nor called twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from journeys.engine import clocks, inbox, runner
from journeys.models import Enrollment
from profiles import ingest
from profiles.models import AttributeChange, Membership, Profile, Segment
from tests import builders
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MIDNIGHT = NOW.replace(hour=0) + timedelta(days=1)  # Tuesday in UTC: 9:00 in Tokyo, 14 hours before New York's
TOKYO, BERLIN, YORK = "Asia/Tokyo", "Europe/Berlin", "America/New_York"
TUESDAY = 'first_day="2026-03-03", last_day="2026-03-03"'
DAILY = f'start: entry_schedule(segment=who, repeat="daily", {TUESDAY}, at="09:00", clock="theirs") -> done'
DATE = 'start: entry_date(attribute="renews", at="09:00") -> done'
DONE = '\ndone: exit(reason="Done")'


def reader(zone: str | None, **attributes: Any) -> Profile:
    person = builders.profile(NOW, **attributes, **({"timezone": zone} if zone else {}))
    who = Segment.objects.filter(name="Readers").first()
    who = who or Segment.objects.create(name="Readers", state=Segment.State.LIVE, built_at=NOW)
    Membership.objects.create(segment=who, profile=person, since=NOW)
    return person


def journey(drawing: str, reentry: str) -> None:
    builders.journey(drawing + DONE, settings={"reentry": reentry}, who=Segment.objects.filter(name="Readers").first())


def moves(person: Profile, zone: str | None, at: datetime) -> None:
    with transaction.atomic():
        ingest.update_attributes({person.pk: {"timezone": zone}}, at, source="user:1")


def live(until: datetime, since: datetime = NOW) -> None:
    """Ticks that are nearly on time."""
    moment = since
    while moment < until:
        moment = min(moment + HOUR, until)
        work(moment)


def work(now: datetime) -> None:
    while inbox.take(1000, now) or clocks.follow(now, 2) or runner.advance(now, 1000):
        pass


def came() -> list[datetime]:
    return list(Enrollment.objects.order_by("id").values_list("entered_at", flat=True))


def test_to_where_the_hour_has_passed_they_come_in_at_the_next_turn_anywhere() -> None:
    """From New York to Tokyo at noon of Tuesday in Tokyo: the morning there is over, the one in New York to come."""
    person = reader(YORK)
    reader("UTC")
    journey(DAILY, "after_end")
    moved = MIDNIGHT + 3 * HOUR + 20 * MINUTE
    live(moved)
    moves(person, TOKYO, moved)
    work(moved + 9 * MINUTE)
    assert came() == []
    live(MIDNIGHT + 26 * HOUR, moved + 10 * MINUTE - HOUR)
    assert came() == [moved + 10 * MINUTE, MIDNIGHT + 9 * HOUR]  # with those in India; the other one is in UTC
    assert Enrollment.objects.filter(profile_id=person.pk).count() == 1


@pytest.mark.parametrize("reentry", ["after_end", "always"])
def test_to_where_the_hour_is_still_to_come_they_do_not_come_in_again(reentry: str) -> None:
    """From Tokyo to New York after the morning in Tokyo. The first run has ended long before."""
    person = reader(TOKYO)
    journey(DAILY, reentry)
    live(MIDNIGHT + 3 * HOUR)
    moves(person, YORK, MIDNIGHT + 3 * HOUR)
    live(MIDNIGHT + 26 * HOUR, MIDNIGHT + 3 * HOUR)
    assert came() == [MIDNIGHT]


def test_before_the_hour_has_come_anywhere_the_new_place_counts() -> None:
    person = reader(YORK)
    journey(DAILY, "after_end")
    moves(person, BERLIN, MIDNIGHT - HOUR)
    live(MIDNIGHT + 26 * HOUR)
    assert came() == [MIDNIGHT + 8 * HOUR]


def test_there_and_back_and_on() -> None:
    person = reader(TOKYO)
    journey(DAILY, "after_end")
    for hours, zone in ((1, YORK), (2, TOKYO), (5, BERLIN), (6, None), (7, YORK)):
        live(MIDNIGHT + hours * HOUR, MIDNIGHT + (hours - 1) * HOUR)
        moves(person, zone, MIDNIGHT + hours * HOUR)
    live(MIDNIGHT + 26 * HOUR, MIDNIGHT + 7 * HOUR)
    assert came() == [MIDNIGHT]


def test_ticks_that_are_late_call_the_same_people_once() -> None:
    """Nobody looked for a day; an hour at most goes by since somebody was called (`settle`)."""
    east, west = reader(YORK), reader(TOKYO)
    journey(DAILY, "always")
    moves(east, TOKYO, MIDNIGHT + 3 * HOUR)
    moves(west, YORK, MIDNIGHT + 3 * HOUR)
    work(MIDNIGHT + 26 * HOUR)
    keys = Enrollment.objects.order_by("id").values_list("profile_id", "entry_key")
    assert list(keys) == [(west.pk, "clock:start:2026-03-03"), (east.pk, "clock:start:2026-03-03")]


@pytest.mark.parametrize(
    ("start", "end", "comes"),
    [
        (TOKYO, YORK, MIDNIGHT + 21 * HOUR),  # it is the 4th in Tokyo, and the morning of the 3rd in New York is over
        (YORK, TOKYO, MIDNIGHT + 14 * HOUR),  # the 3rd in New York: not again on the 4th in Tokyo
    ],
)
def test_a_moment_is_one_occasion_whatever_day_it_is(start: str, end: str, comes: datetime) -> None:
    person = reader(start, renews="2026-03-03T23:30:00Z")
    journey(DATE, "after_end")
    live(MIDNIGHT + 20 * HOUR)
    moves(person, end, MIDNIGHT + 20 * HOUR)
    live(MIDNIGHT + 60 * HOUR, MIDNIGHT + 20 * HOUR)
    assert came() == [comes]


def test_a_zone_of_somebody_who_was_joined_with_them_moves_nobody() -> None:
    """The history of who was joined goes over; what it says of their zone does not lead to where the survivor is."""
    person = reader(TOKYO)
    other = reader(YORK)
    Membership.objects.filter(profile=other).delete()
    journey(DAILY, "after_end")
    moves(other, BERLIN, MIDNIGHT - 2 * HOUR)
    AttributeChange.objects.filter(profile=other).update(profile=person)
    live(MIDNIGHT + 26 * HOUR)
    assert came() == [MIDNIGHT]


def test_many_movers_ask_no_more_often() -> None:
    """One more question for a piece of people, however many of them have moved."""
    for n in range(6):
        moves(reader(TOKYO), YORK if n % 2 else BERLIN, MIDNIGHT - 2 * HOUR)
    journey(DAILY, "once")
    moment = MIDNIGHT + 8 * HOUR
    while clocks.follow(moment - MINUTE, 100):
        pass
    counted = []
    for limit in (2, 100):
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            assert clocks.follow(moment, limit) == 1
            transaction.set_rollback(True)
        counted.append(len(asked))
    assert counted[0] == counted[1]
