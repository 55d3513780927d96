"""Every way into a journey: who comes in, how often, and that late or doubled ticks change nothing."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.engine import clocks, inbox, runner
from journeys.models import Enrollment, EntryClock, Journey, Node, Tally
from journeys.services import drafts, lifecycle
from omnichannel.accounts.models import Workspace
from profiles.models import Event, Membership, Profile, Segment
from profiles.services import changes
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ORDERS = """
    start: entry_event(event="Ordered") -> wait
    wait: delay(amount=1, unit="days") -> done
    done: exit()
"""
MORNING = NOW.replace(hour=9, minute=0) + DAY  # the next 9:00 in UTC; NOW is a Monday at 10:00


@pytest.fixture(autouse=True)
def _standing_clock(now: datetime) -> None:
    return


def work(now: datetime, piece: int = 2) -> None:
    while inbox.take(1000, now) or clocks.follow(now, piece) or runner.advance(now, 1000):
        pass


def orders(user: str, *numbers: Any, at: datetime = NOW) -> Profile:
    builders.calls(builders.identify(user), *(builders.tracked("Ordered", user, order=n) for n in numbers), now=at)
    return Profile.objects.get(identities__kind="user_id", identities__value=user)


def inside(state: int = Enrollment.State.ACTIVE) -> list[tuple[int, str]]:
    return list(Enrollment.objects.filter(state=state).order_by("id").values_list("profile_id", "entry_key"))


def entered() -> list[tuple[int, datetime]]:
    return list(Enrollment.objects.order_by("id").values_list("profile_id", "entered_at"))


def segment(*people: Profile, name: str = "Readers", **fields: Any) -> Segment:
    made = Segment.objects.create(**{"name": name, "state": Segment.State.LIVE, "built_at": NOW, **fields})
    Membership.objects.bulk_create(Membership(segment=made, profile=one, since=NOW) for one in people)
    return made


def people(*zones: str | None, **attributes: Any) -> list[Profile]:
    return [builders.profile(NOW, **attributes, **({"timezone": zone} if zone else {})) for zone in zones]


# How often


def test_two_orders_run_side_by_side_and_the_same_order_once() -> None:
    builders.journey(ORDERS, settings={"entry_key": "order"})
    buyer = orders("u1", 17, 18, "17")
    work(NOW)
    assert inside() == [(buyer.pk, "17"), (buyer.pk, "18")]
    work(NOW + DAY)  # both waits are over: the order may run again
    orders("u1", 17.0, at=NOW + DAY)
    work(NOW + DAY)
    assert inside() == [(buyer.pk, "17")]


def test_once_counts_for_each_order() -> None:
    builders.journey(ORDERS, settings={"entry_key": "order", "reentry": "once"})
    buyer = orders("u1", 17)
    work(NOW)
    work(NOW + DAY)
    orders("u1", 17, 18, at=NOW + 2 * DAY)
    work(NOW + 2 * DAY)
    assert inside() == [(buyer.pk, "18")]


def test_so_many_times_in_so_long() -> None:
    """Whoever is turned away does not count; the limit is of the person, over all their orders."""
    rules = {"entry_key": "order", "entry_limit": 2, "entry_limit_hours": 48}
    builders.journey(ORDERS, settings=rules)
    first, second = orders("u1", 1, 1, 2, 3), orders("u2", 1)
    work(NOW)
    assert inside() == [(first.pk, "1"), (first.pk, "2"), (second.pk, "1")]
    work(NOW + 47 * HOUR)
    orders("u1", 4, at=NOW + 47 * HOUR)
    work(NOW + 47 * HOUR)
    assert inside() == []
    orders("u1", 5, at=NOW + 48 * HOUR + MINUTE)
    work(NOW + 48 * HOUR + MINUTE)
    assert inside() == [(first.pk, "5")]


def test_so_many_people_in_all() -> None:
    builders.journey(ORDERS, settings={"entry_total": 3})
    buyers = [orders(f"u{n}", n) for n in range(2)]
    work(NOW)
    buyers += [orders(f"u{n}", n) for n in range(2, 5)]
    work(NOW)
    assert inside() == [(one.pk, "") for one in buyers[:3]]
    assert sum(Tally.objects.filter(metric="started").values_list("count", flat=True)) == 3


def test_every_time_takes_the_same_start_once() -> None:
    builders.journey(ORDERS, settings={"reentry": "always"})
    buyer = orders("u1", 1, 1)
    work(NOW)
    tokens = [key for _, key in inside()]
    assert len(set(tokens)) == 2
    told = changes.NewChange(buyer.pk, "event", "Ordered", event_id=int(tokens[0].removeprefix("event:")), at=NOW)
    work(NOW + DAY)
    changes.record([told], NOW + DAY)  # told once more, when the run it made is over
    work(NOW + DAY)
    assert Enrollment.objects.count() == 2


def test_a_batch_takes_a_constant_number_of_statements() -> None:
    builders.journey(ORDERS, settings={"entry_key": "order", "entry_limit": 9, "entry_total": 500})
    counts = []
    for size in (1, 2, 60):
        for n in range(size):
            orders(f"u{size}-{n}", 1, 2)
        with CaptureQueriesContext(connection) as queries:
            inbox.take(1000, NOW)
        counts.append(len(queries))
    assert counts[1] == counts[2]  # the first loads the version


# Several ways in


def test_several_entries_and_one_happening_that_fits_two_brings_in_once() -> None:
    journey = builders.journey(
        """
        cheap: entry_event(event="Ordered") -> a
        dear: entry_event(event="Ordered", where=[{"field": "order", "op": "gt", "value": 50}]) -> b
        left: entry_segment_left(segment=readers) -> b
        a: delay(amount=1) -> done
        b: delay(amount=2) -> done
        done: exit()
        """,
        settings={"reentry": "always"},
        readers=(readers := segment()),
    )
    orders("u1", 80)
    (goes,) = people("UTC")
    changes.record([changes.NewChange(goes.pk, "exited", str(readers.pk))], NOW)
    work(NOW)
    keys = dict(Node.objects.filter(version=journey.live).values_list("pk", "key"))
    assert [(keys[one.node_id]) for one in Enrollment.objects.order_by("id")] == ["a", "b"]


def test_who_joins_does_not_come_in_by_leaving() -> None:
    readers = segment()
    builders.journey("start: entry_segment_left(segment=readers) -> w\nw: delay()", readers=readers)
    (one,) = people("UTC")
    changes.record([changes.NewChange(one.pk, "entered", str(readers.pk))], NOW)
    work(NOW)
    assert inside() == []


def test_another_journey_sends_people() -> None:
    target = builders.journey("start: entry_journey() -> w\nw: delay()", name="Target")
    builders.journey(
        'start: entry_event(event="Ordered") -> go\ngo: start_journey(journey=target) -> end\nend: exit()',
        name="Source",
        target=target,
    )
    buyer = orders("u1", 1)
    work(NOW)
    (one,) = Enrollment.objects.filter(state=Enrollment.State.ACTIVE)
    assert (one.journey_id, one.profile_id) == (target.pk, buyer.pk)
    assert one.trigger_event_id == Event.objects.get(name="Ordered").pk


# By the clock


def test_once_at_a_set_time_for_everybody_in_the_segment() -> None:
    readers = people("Asia/Tokyo", None, "America/New_York")
    others = people("UTC")
    drawn = segment(*readers)
    builders.journey(
        'start: entry_schedule(segment=who, first_day="2026-03-03", at="09:00") -> w\nw: delay(amount=9)', who=drawn
    )
    work(MORNING - MINUTE)
    assert entered() == []
    work(MORNING)
    work(MORNING + DAY)
    assert entered() == [(one.pk, MORNING) for one in readers]
    assert others[0].pk not in {profile for profile, _ in entered()}
    assert EntryClock.objects.get().due_at is None


def test_every_day_also_when_ticks_come_late() -> None:
    """Three days late: three times, in order; a second tick at the same moment does nothing."""
    (reader,) = people("UTC")
    builders.journey(
        'start: entry_schedule(segment=who, repeat="daily", at="09:00") -> w\nw: delay(amount=9)',
        settings={"reentry": "always"},
        who=segment(reader),
    )
    late = MORNING + 2 * DAY + 5 * HOUR
    work(late)
    work(late)
    assert [key for _, key in inside()] == [f"clock:start:2026-03-0{n}" for n in (3, 4, 5)]
    assert EntryClock.objects.get().due_at == MORNING + 3 * DAY


def test_at_nine_where_each_of_them_lives() -> None:
    """Tokyo first, New York last; who lives nowhere we know goes by our clock."""
    tokyo, berlin, york, nowhere, odd = people("Asia/Tokyo", "Europe/Berlin", "America/New_York", None, "Mars/Olympus")
    builders.journey(
        """
        start: entry_schedule(segment=who, first_day="2026-03-03", at="09:00", clock="theirs") -> w
        w: delay(amount=9)
        """,
        who=segment(tokyo, berlin, york, nowhere, odd),
    )
    moment, midnight = NOW, MORNING - 9 * HOUR
    while moment < midnight + DAY:
        moment += 30 * MINUTE
        work(moment)
    assert entered() == [
        (tokyo.pk, midnight),
        (berlin.pk, midnight + 8 * HOUR),
        (nowhere.pk, midnight + 9 * HOUR),
        (odd.pk, midnight + 9 * HOUR),
        (york.pk, midnight + 14 * HOUR),
    ]


def test_birthdays_and_renewals() -> None:
    born = people("Asia/Tokyo", "America/New_York", birthday="1990-03-03")
    people("UTC", birthday="1990-03-04")
    people("UTC", birthday="soon")
    (renews,) = people(None, contract={"ends": "2026-03-10T12:00:00Z"})
    builders.journey(
        """
        day: entry_date(attribute="birthday", yearly=True, at="09:00") -> w
        end: entry_date(attribute="contract.ends", offset=7, at="18:30") -> w
        w: delay(amount=9)
        """
    )
    moment = NOW
    while moment < NOW + DAY + 9 * HOUR:
        moment += 30 * MINUTE
        work(moment)
    midnight = MORNING - 9 * HOUR
    assert entered() == [
        (born[0].pk, midnight),
        (born[1].pk, midnight + 14 * HOUR),
        (renews.pk, midnight + 18 * HOUR + 30 * MINUTE),
    ]


def test_a_pause_leaves_out_what_passes_meanwhile() -> None:
    (reader,) = people("UTC")
    journey = builders.journey(
        'start: entry_schedule(segment=who, repeat="daily", at="09:00") -> w\nw: delay(amount=1, unit="hours")',
        who=segment(reader),
    )
    lifecycle.pause(journey, None, NOW)
    work(MORNING + HOUR)
    lifecycle.resume(journey, None, MORNING + 2 * HOUR)
    work(MORNING + 2 * HOUR)
    assert entered() == []
    work(MORNING + DAY)
    assert entered() == [(reader.pk, MORNING + DAY)]
    lifecycle.archive(journey, None, MORNING + DAY)
    assert not EntryClock.objects.exists()


def test_publishing_half_way_brings_the_rest_into_the_new_version() -> None:
    readers = people(*["UTC"] * 5)
    journey = builders.journey(
        'start: entry_schedule(segment=who, first_day="2026-03-03", at="09:00") -> w\nw: delay(amount=9)',
        who=segment(*readers),
    )
    clocks.follow(MORNING, 2)
    former = journey.live_id
    drafts.apply(journey, journey.live.revision, [{"op": "rename_node", "key": "w", "name": "Rest"}], None)  # type: ignore[union-attr]
    journey.refresh_from_db()
    lifecycle.publish(journey, None, MORNING)
    work(MORNING)
    came = list(Enrollment.objects.order_by("id").values_list("profile_id", "version_id"))
    assert came == [(one.pk, former if n < 2 else journey.live_id) for n, one in enumerate(readers)]


def test_a_changed_time_counts_from_now_on() -> None:
    (reader,) = people("UTC")
    journey = builders.journey(
        'start: entry_schedule(segment=who, repeat="daily", at="09:00") -> w\nw: delay(amount=1, unit="hours")',
        who=segment(reader),
    )
    config = {"at": "11:00"}
    drafts.apply(journey, journey.live.revision, [{"op": "configure", "key": "start", "config": config}], None)  # type: ignore[union-attr]
    journey.refresh_from_db()
    lifecycle.publish(journey, None, NOW)
    assert EntryClock.objects.get().due_at == NOW.replace(hour=11)


def test_another_zone_of_ours_counts_from_the_next_day_on() -> None:
    """A moment that is set stays set: no morning is lost, and none comes twice."""
    (reader,) = people("UTC")
    builders.journey(
        'start: entry_schedule(segment=who, repeat="daily", at="09:00") -> w\nw: delay(amount=1, unit="hours")',
        who=segment(reader),
    )
    for zone, shift in (("America/New_York", 5), ("Asia/Tokyo", -9)):
        before = len(entered())
        morning = EntryClock.objects.get().due_at
        assert morning is not None
        Workspace.objects.filter(pk=Workspace.get().pk).update(timezone=zone)
        work(morning)
        next_morning = EntryClock.objects.get().due_at
        assert next_morning == (MORNING + timedelta(days=before + 1)) + shift * HOUR
        work(next_morning - MINUTE)
        assert len(entered()) == before + 1


def test_a_segment_that_was_never_counted_is_waited_for() -> None:
    (reader,) = people("UTC")
    new = segment(reader, state=Segment.State.BUILDING, built_at=None)
    builders.journey(
        'start: entry_schedule(segment=who, first_day="2026-03-03", at="09:00") -> w\nw: delay(amount=9)', who=new
    )
    work(MORNING)
    assert entered() == []
    Segment.objects.update(state=Segment.State.LIVE, built_at=MORNING)
    work(MORNING + 10 * MINUTE)
    assert entered() == [(reader.pk, MORNING)]


def test_who_became_somebody_else_does_not_come_in() -> None:
    reader, twin = people("UTC", "UTC")
    Profile.objects.filter(pk=twin.pk).update(merged_into=reader)
    builders.journey(
        'start: entry_schedule(segment=who, first_day="2026-03-03", at="09:00") -> w\nw: delay(amount=9)',
        who=segment(reader, twin),
    )
    work(MORNING)
    assert entered() == [(reader.pk, MORNING)]


def test_how_it_is_drawn() -> None:
    """What the API makes, it reads back."""
    from journeys.queries.document import document

    settings = {"entry_key": "order", "entry_limit": 2, "entry_limit_hours": 48, "entry_total": 1000}
    journey: Journey = builders.journey(ORDERS, settings=settings, publish=False)
    assert {name: document(journey)["settings"][name] for name in settings} == settings


def test_the_panel_shows_when_it_calls_next(client_as: Callable[[str], Client]) -> None:
    who = segment()
    made = builders.journey(
        'start: entry_schedule(segment=who, repeat="weekly", every=2, weekdays=[4], at="09:00") -> w\nw: delay()',
        settings={"timezone": "Asia/Tokyo"},
        publish=False,
        who=who,
    )
    client, url = client_as("marketer"), f"/journeys/{made.pk}/nodes/start/"
    page = client.get(url).content.decode()
    assert "Choose the day from which on it is counted." in page
    assert "The next times" not in page
    posted = {"segment": who.pk, "repeat": "weekly", "every": 2, "weekdays": [4], "month_day": 1, "at": "09:00"}
    posted |= {"first_day": "2026-03-02", "last_day": "2026-04-05", "clock": "ours", "revision": "1"}
    saved = client.post(url, posted).content.decode()
    for page in (saved, client.get(url).content.decode()):
        assert "The next times, in Asia/Tokyo:" in page
        told = [f"Fri {day} 2026, 9 a.m." for day in ("6 Mar", "20 Mar", "3 Apr")]
        assert re.findall(r"<li>(.*?)</li>", page) == told
