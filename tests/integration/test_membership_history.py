"""What is remembered of memberships, and building and checking them beside everything that goes on."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from omnichannel.accounts.models import Workspace
from omnichannel.shared import failpoints
from omnichannel.shared.slots import Window
from profiles.ingest import update_attributes
from profiles.models import (
    Change,
    DeletedSegment,
    LookedAt,
    Membership,
    PastMembership,
    Profile,
    Segment,
    SegmentCheck,
    SegmentSize,
)
from profiles.queries import segment_history, timeline_changes
from profiles.segments import checking, membership
from profiles.services import changes, segments
from tests import builders

pytestmark = pytest.mark.django_db

Meanwhile = Callable[[str, Callable[[], object]], None]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GERMANS = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
PRO = {"type": "attribute", "field": "plan", "op": "eq", "value": "pro"}
RECENT: dict[str, Any] = {"type": "event", "event": "Order Completed", "within": {"amount": 2, "unit": "days"}}


def build(name: str, condition: dict[str, Any], now: datetime) -> Segment:
    segment = segments.create(name, condition)
    segments.build_all(now)
    segment.refresh_from_db()
    return segment


def drain(now: datetime) -> None:
    while membership.take(100, now):
        pass


def members(segment: Segment) -> set[int]:
    return set(Membership.objects.filter(segment=segment).values_list("profile_id", flat=True))


def past(segment: Segment) -> list[tuple[int, datetime, datetime, str, str]]:
    rows = PastMembership.objects.filter(segment_id=segment.pk).order_by("until", "profile_id")
    return list(rows.values_list("profile_id", "since", "until", "reason", "exit_reason"))


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Do something once, when a build passes a point."""

    def at(point: str, act: Callable[[], object]) -> None:
        todo = [act]
        monkeypatch.setattr(failpoints, "hit", lambda name: todo.pop()() if name == point and todo else None)

    return at


def test_coming_and_going_is_remembered(now: datetime) -> None:
    anna, bob = builders.profile(country="DE"), builders.profile(country="FR")
    germans = build("Germans", GERMANS, now)
    update_attributes({anna.pk: {"country": "FR"}, bob.pk: {"country": "DE"}}, now, "test")
    drain(now + HOUR)
    update_attributes({anna.pk: {"country": "DE"}}, now, "test")
    drain(now + DAY)
    assert past(germans) == [(anna.pk, now, now + HOUR, "definition", "attribute:country")]
    inside = Membership.objects.order_by("profile_id").values_list("profile_id", "since", "reason")
    assert list(inside) == [
        (anna.pk, now + DAY, "attribute:country"),
        (bob.pk, now + HOUR, "attribute:country"),
    ]

    def at(segment: Segment, moment: datetime) -> list[int]:
        return [one.pk for one in segment_history.members_at(segment, moment)]

    assert at(germans, now - HOUR) == []
    assert at(germans, now) == [anna.pk]
    assert at(germans, now + HOUR) == [bob.pk]
    assert at(germans, now + DAY) == [bob.pk, anna.pk]
    found = segment_history.inside_at(germans, now + HOUR / 2, [anna])
    assert [(one.profile, one.since, one.reason) for one in found] == [(anna, now, "definition")]
    lines = timeline_changes.moves(anna.pk, Window(10))
    assert [(line.strong, line.title, line.at, line.note) for line in lines] == [
        ("Germans", "Came into the segment", now + DAY, "country changed"),
        ("Germans", "Left the segment", now + HOUR, "country changed"),
        ("Germans", "Came into the segment", now, "was there when the segment was built"),
    ]
    assert timeline_changes.moves(anna.pk, Window(10, at=lines[0].at, key=lines[0].key)) == lines[1:]


def test_sizes_over_time(now: datetime) -> None:
    people = [builders.profile(country="DE") for _ in range(3)]
    germans = build("Germans", GERMANS, now)
    update_attributes({one.pk: {"country": "FR"} for one in people[:2]}, now, "test")
    drain(now + 2 * DAY)
    update_attributes({people[0].pk: {"country": "DE"}}, now, "test")
    drain(now + 2 * DAY + HOUR)
    assert list(SegmentSize.objects.order_by("hour").values_list("hour", "size", "entered", "exited")) == [
        (now, 3, 0, 0),
        (now + 2 * DAY, 1, 0, 2),
        (now + 2 * DAY + HOUR, 2, 1, 0),
    ]
    found = segment_history.days([germans.pk], date(2026, 3, 1), date(2026, 3, 5), ZoneInfo("Europe/Berlin"))
    assert [(one.start, one.size, one.entered, one.exited) for one in found[germans.pk]] == [
        (date(2026, 3, 2), 3, 0, 0),
        (date(2026, 3, 3), 3, 0, 0),
        (date(2026, 3, 4), 2, 1, 2),
        (date(2026, 3, 5), 2, 0, 0),
    ]
    later = segment_history.days([germans.pk], date(2026, 3, 6), date(2026, 3, 6), ZoneInfo("UTC"))
    assert [one.size for one in later[germans.pk]] == [2]
    found_hours = segment_history.hours(germans.pk, now + 2 * DAY - HOUR, now + 2 * DAY + 2 * HOUR)
    assert [(one.size, one.entered, one.exited) for one in found_hours] == [(3, 0, 0), (1, 0, 2), (2, 1, 0)]


def test_a_build_with_an_older_clock_does_not_hide_its_size(now: datetime, meanwhile: Meanwhile) -> None:
    builders.profile(country="DE")
    other = builders.profile()
    segment = build("Some", GERMANS, now)

    def act() -> None:
        update_attributes({other.pk: {"plan": "pro"}}, now, "test")
        drain(now + HOUR)

    meanwhile("build.found", act)
    segments.change(segment, name="Some", description="", condition=PRO)
    segments.build_all(now)
    assert members(segment) == {other.pk}
    sizes = SegmentSize.objects.order_by("hour").values_list("hour", "size", "entered", "exited")
    assert list(sizes) == [(now, 1, 0, 0), (now + HOUR, 1, 1, 1)]


def test_a_merge_ends_one_history_and_keeps_the_sizes_right(now: datetime) -> None:
    buyers = build("Buyers", {"type": "event", "event": "Order Completed"}, now)
    builders.calls(builders.tracked("Order Completed", None, "visitor"), now=now)
    builders.calls(builders.tracked("Order Completed", "anna"), builders.identify("bob"), now=now)
    drain(now)
    visitor, anna, bob = Profile.objects.order_by("id")
    before = now + HOUR
    builders.calls(builders.identify("anna", "visitor"), now=before + HOUR)
    drain(before + HOUR)
    membership.tick(before + HOUR)
    buyers.refresh_from_db()
    assert (buyers.size, members(buyers)) == (1, {anna.pk})
    assert past(buyers) == [(visitor.pk, now, before + HOUR, "event:Order Completed", "merged")]
    assert list(segment_history.members_at(buyers, before)) == [anna]
    assert SegmentSize.objects.order_by("-hour").values_list("size", "entered", "exited")[0] == (1, 0, 0)
    builders.calls(builders.tracked("Order Completed", None, "other"), now=now)
    drain(now + DAY)
    builders.calls(builders.identify("bob", "other"), now=now + DAY)
    drain(now + DAY)
    membership.tick(now + DAY)
    buyers.refresh_from_db()
    assert (buyers.size, members(buyers)) == (2, {anna.pk, bob.pk})
    assert [line.at for line in timeline_changes.moves(bob.pk, Window(10))] == [now + DAY]


def test_what_happens_while_building_is_newer_than_what_was_found(now: datetime, meanwhile: Meanwhile) -> None:
    changes.declare("journeys", "version:1", [("entered", "*"), ("exited", "*")])
    stays, goes, comes = builders.profile(plan="pro"), builders.profile(plan="pro"), builders.profile(plan="free")
    old = builders.profile(country="DE")
    segment = build("Some", GERMANS, now)

    def act() -> None:
        update_attributes({goes.pk: {"plan": "free"}, comes.pk: {"plan": "pro"}}, now, "test")
        drain(now)

    meanwhile("build.found", act)
    segments.change(segment, name="Some", description="", condition=PRO)
    assert segments.build_all(now) == 1
    assert members(segment) == {stays.pk, comes.pk}
    segment.refresh_from_db()
    assert (segment.state, segment.size, segment.build_total, segment.build_done) == ("live", 2, 3, 3)
    assert not LookedAt.objects.exists()
    told = Change.objects.filter(consumer="journeys").values_list("profile_id", "kind")
    assert sorted(told) == [(stays.pk, "entered"), (comes.pk, "entered"), (old.pk, "exited")]


@pytest.mark.parametrize("point", ["build.found", "build.piece"])
def test_saving_again_while_building(now: datetime, meanwhile: Meanwhile, point: str) -> None:
    german, pro = builders.profile(country="DE"), builders.profile(plan="pro")
    segment = segments.create("Some", GERMANS)
    meanwhile(point, lambda: segments.change(segment, name="Some", description="", condition=PRO))
    assert segments.build_all(now) == 2
    segment.refresh_from_db()
    assert (segment.state, segment.size, members(segment)) == ("live", 1, {pro.pk})
    assert german.pk not in members(segment)


@pytest.mark.parametrize("point", ["build.found", "build.piece"])
def test_deleting_while_building(now: datetime, meanwhile: Meanwhile, point: str) -> None:
    builders.profile(country="DE")
    segment = segments.create("Some", GERMANS)
    asking = segments.create("Asking", {"type": "segment", "segment": segment.pk, "in": False})
    meanwhile(point, lambda: segments.delete(Segment.objects.get(name="Some")))
    segments.build_all(now)
    segments.clear_deleted()
    asking.refresh_from_db()
    assert asking.state == "broken"
    assert [model.objects.count() for model in (Membership, PastMembership, DeletedSegment, LookedAt)] == [0, 0, 0, 0]


def test_a_merge_while_building_leaves_nobody_behind(now: datetime, meanwhile: Meanwhile) -> None:
    builders.calls(builders.identify("anna", country="DE"), now=now)
    builders.calls(builders.identify("", "visitor", country="DE"), now=now)
    known, _visitor = Profile.objects.order_by("id")
    segment = segments.create("Germans", GERMANS)

    def act() -> None:
        builders.calls(builders.identify("anna", "visitor"), now=now)
        drain(now)

    meanwhile("build.found", act)
    segments.build_all(now)
    membership.tick(now)
    segment.refresh_from_db()
    assert (members(segment), segment.size) == ({known.pk}, 1)
    builders.calls(builders.tracked("Seen", None, "other"), now=now)
    builders.calls(builders.identify("anna", "other"), now=now)
    other = Profile.objects.latest("id")
    Membership.objects.create(segment=segment, profile=other, since=now)  # as a piece does that saw no merge yet
    drain(now)
    assert members(segment) == {known.pk}


def test_a_check_finds_nothing_where_nothing_is_wrong(now: datetime) -> None:
    anna, bob = builders.profile(country="DE"), builders.profile(country="FR")
    germans, recent = build("Germans", GERMANS, now), build("Recent", RECENT, now)
    builders.known([(anna.pk, "Order Completed", "track")])
    drain(now)
    update_attributes({bob.pk: {"country": "DE"}}, now, "test")  # not taken yet
    for segment in (germans, recent):
        found = checking.check(segment.pk, now + 3 * DAY)  # the clock has not been followed so far
        assert found is not None
        assert (found.exact, found.people, found.at) == (True, 1, now + 3 * DAY)
    assert members(germans) == {anna.pk}
    assert members(recent) == {anna.pk}


def test_a_check_puts_right_what_is_wrong_and_says_so(now: datetime, client: Client, valkey: object) -> None:
    anna, bob = builders.profile(country="DE"), builders.profile(country="FR")
    germans = build("Germans", GERMANS, now)
    Membership.objects.filter(profile=anna).delete()
    Membership.objects.create(segment=germans, profile=bob, since=now)
    Segment.objects.update(size=7)
    found = checking.check(germans.pk, now + HOUR)
    assert found is not None
    assert (found.missing, found.surplus, found.miscounted, found.people, found.exact) == (1, 1, 6, 1, False)
    germans.refresh_from_db()
    assert (members(germans), germans.size) == ({anna.pk}, 1)
    assert Membership.objects.get().reason == "check"
    assert past(germans) == [(bob.pk, now, now + HOUR, "", "check")]
    shown = f'omnichannel_segment_check_differences{{segment="{germans.pk}"}}'
    assert f"{shown} 8.0" in client.get("/metrics").content.decode()
    again = checking.check(germans.pk, now + 2 * HOUR)
    assert again is not None and again.exact
    assert f"{shown} 0.0" in client.get("/metrics").content.decode()


def test_every_segment_is_checked_once_a_night(now: datetime) -> None:
    build("Germans", GERMANS, now)
    night = datetime(2026, 3, 3, 3, 10, tzinfo=now.tzinfo)
    assert checking.check_due(now) == 0  # by day
    assert [checking.check_due(night), checking.check_due(night + HOUR)] == [1, 0]
    assert checking.check_due(night + DAY) == 1
    assert checking.check_due(night + 2 * DAY + 12 * HOUR) == 0
    assert checking.check_due(night + 3 * DAY + 12 * HOUR) == 1  # the nights were missed
    assert SegmentCheck.objects.count() == 3


def test_the_api_tells_who_was_inside_and_how_many(now: datetime, client: Client, api_key: str) -> None:
    anna, bob = builders.profile(country="DE", email="anna@shop.example"), builders.profile(country="FR")
    germans = build("Germans", GERMANS, now)
    update_attributes({anna.pk: {"country": "FR"}, bob.pk: {"country": "DE"}}, now, "test")
    drain(now + DAY)

    def get(what: str, **query: str) -> Any:
        headers = {"Authorization": f"Bearer {api_key}"}
        return client.get(f"/api/segments/{germans.pk}/{what}/", query, headers=headers).json()

    assert [row["profile"] for row in get("members")["results"]] == [bob.pk]
    for at in ("2026-03-02", "2026-03-02T10:00:00Z", "2026-03-03T09:59"):
        (row,) = get("members", at=at)["results"]
        assert (row["profile"], row["email"], row["reason"]) == (anna.pk, "anna@shop.example", "definition")
    assert get("members", at="2026-03-01")["results"] == []
    assert get("members", at="2026-02-30")["field"] == "at"
    assert get("sizes", since="2026-03-01", until="2026-03-03") == [
        {"day": "2026-03-02", "size": 1, "entered": 0, "left": 0},
        {"day": "2026-03-03", "size": 1, "entered": 1, "left": 1},
    ]
    assert "error" in get("sizes", since="2020-03-01")


def test_in_another_zone_days_are_asked_anew(now: datetime) -> None:
    anna = builders.profile(joined="2026-03-01T22:00:00Z")
    joined = build("Joined", {"type": "attribute", "field": "joined", "op": "on", "value": "2026-03-02"}, now)
    other = build("Germans", GERMANS, now)
    membership.tick(now)
    assert (joined.state, members(joined)) == ("live", set())
    Workspace.objects.update(timezone="Europe/Helsinki")
    membership.tick(now)
    states = dict(Segment.objects.values_list("name", "state"))
    assert states == {"Joined": "building", "Germans": "live"}
    segments.build_all(now)
    membership.tick(now + HOUR)
    assert members(joined) == {anna.pk}
    assert members(other) == set()
    assert set(Segment.objects.values_list("state", flat=True)) == {"live"}
