"""Membership follows data, clock and definition; entering and leaving is told once, with the reason."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from profiles.models import Change, Membership, Profile, Segment
from profiles.segments import membership
from profiles.segments.ast import ConditionError
from profiles.services import changes, segments
from tests import builders

pytestmark = pytest.mark.django_db

GERMANS = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
BUYERS: dict[str, Any] = {"type": "event", "event": "Order Completed"}
RECENT = BUYERS | {"within": {"amount": 2, "unit": "days"}}
NOT_RECENT = RECENT | {"did": False}


def build(name: str, condition: dict[str, Any], now: datetime) -> Segment:
    segment = segments.create(name, condition)
    segments.build_all(now)
    segment.refresh_from_db()
    return segment


def members(segment: Segment) -> set[int]:
    return set(Membership.objects.filter(segment=segment).values_list("profile_id", flat=True))


def drain(now: datetime) -> int:
    taken = 0
    while n := membership.take(100, now):
        taken += n
    return taken


def told() -> list[tuple[int, str, str, str]]:
    """What the journeys would hear."""
    rows = Change.objects.filter(consumer="journeys").order_by("id")
    return [(row.profile_id, row.kind, row.key, row.data["reason"]) for row in rows]


@pytest.fixture
def journeys_listen() -> None:
    changes.declare("journeys", "version:1", [("entered", "*"), ("exited", "*")])


def identify(now: datetime, user: str, **traits: Any) -> Profile:
    builders.calls(builders.identify(user, **traits), now=now)
    return Profile.objects.get(identities__kind="user_id", identities__value=user)


def test_first_build_tells_nobody(now: datetime, journeys_listen: None) -> None:
    anna = builders.profile(country="DE")
    builders.profile(country="FR")
    segment = build("Germans", GERMANS, now)
    assert (segment.state, segment.size, segment.built_at, segment.error) == ("live", 1, now, "")
    assert members(segment) == {anna.pk}
    assert Membership.objects.get().reason == "definition"
    assert told() == []


def test_a_changed_definition_tells_who_enters_and_leaves(now: datetime, journeys_listen: None) -> None:
    anna, bob, both = (
        builders.profile(country="DE"),
        builders.profile(plan="pro"),
        builders.profile(country="DE", plan="pro"),
    )
    segment = build("Some", GERMANS, now)
    pro = {"type": "attribute", "field": "plan", "op": "eq", "value": "pro"}
    segment = segments.change(segment, name="Some", description="", condition=pro)
    assert segment.state == "building"
    assert segments.build_all(now) == 1
    segment.refresh_from_db()
    assert (segment.state, segment.size, members(segment)) == ("live", 2, {bob.pk, both.pk})
    assert told() == [
        (anna.pk, "exited", str(segment.pk), "definition"),
        (bob.pk, "entered", str(segment.pk), "definition"),
    ]
    segments.change(segment, name="Renamed", description="", condition=pro)
    assert segments.build_all(now) == 0


def test_data_moves_people_in_and_out(now: datetime, journeys_listen: None) -> None:
    germans, buyers = build("Germans", GERMANS, now), build("Buyers", BUYERS, now)
    anna = identify(now, "anna", country="DE")
    assert drain(now) > 0
    assert (members(germans), members(buyers)) == ({anna.pk}, set())
    builders.calls(builders.tracked("Order Completed", "anna", total=5), builders.tracked("Viewed", "anna"), now=now)
    identify(now, "anna", country="FR")
    drain(now)
    assert (members(germans), members(buyers)) == (set(), {anna.pk})
    assert sorted(told()) == sorted(
        [
            (anna.pk, "entered", str(germans.pk), "attribute:country"),
            (anna.pk, "entered", str(buyers.pk), "event:Order Completed"),
            (anna.pk, "exited", str(germans.pk), "attribute:country"),
        ]
    )
    sizes = dict(Segment.objects.values_list("name", "size"))
    assert sizes == {"Germans": 0, "Buyers": 1}
    assert Change.objects.filter(consumer="segments").count() == 0


def test_somebody_new_is_in_what_asks_for_nothing_done(now: datetime) -> None:
    segment = build("Quiet", BUYERS | {"did": False}, now)
    anna = identify(now, "anna", plan="x")
    drain(now)
    assert members(segment) == {anna.pk}


def test_the_clock_alone_moves_people(now: datetime, journeys_listen: None) -> None:
    recent, quiet = build("Recent", RECENT, now), build("Quiet", NOT_RECENT, now)
    builders.calls(builders.tracked("Order Completed", "anna"), now=now)
    drain(now)
    anna = Profile.objects.get()
    edge = now + timedelta(days=2)
    assert membership.tick(edge - timedelta(microseconds=1)) == 0
    assert (members(recent), members(quiet)) == ({anna.pk}, set())
    assert membership.tick(edge) == 2
    assert (members(recent), members(quiet)) == (set(), {anna.pk})
    assert told()[-2:] == [(anna.pk, "entered", str(quiet.pk), "clock"), (anna.pk, "exited", str(recent.pk), "clock")]
    assert membership.tick(edge + timedelta(seconds=1)) == 0


def test_dates_of_people_are_reached_and_left_behind(now: datetime) -> None:
    condition = {"type": "attribute", "field": "renewal", "op": "in_last", "value": {"amount": 1, "unit": "days"}}
    segment = build("Renewed", condition, now)
    anna = builders.profile(renewal="2026-03-03T00:00:00Z")
    membership.tick(now + timedelta(hours=13))
    assert members(segment) == set()
    membership.tick(now + timedelta(hours=14))
    assert members(segment) == {anna.pk}
    membership.tick(now + timedelta(hours=38))
    assert members(segment) == set()


def test_segments_of_segments_follow(now: datetime) -> None:
    germans = build("Germans", GERMANS, now)
    others = build("Others", {"type": "segment", "segment": germans.pk, "in": False}, now)
    anna, bob = identify(now, "anna", country="DE"), identify(now, "bob", country="FR")
    drain(now)
    assert (members(germans), members(others)) == ({anna.pk}, {bob.pk})
    identify(now, "bob", country="DE")
    drain(now)
    assert (members(germans), members(others)) == ({anna.pk, bob.pk}, set())


def test_asking_about_oneself_is_refused(now: datetime) -> None:
    first = build("First", GERMANS, now)
    second = build("Second", {"type": "segment", "segment": first.pk, "in": True}, now)
    with pytest.raises(segments.SegmentError, match="ask about itself"):
        segments.change(
            first, name="First", description="", condition={"type": "segment", "segment": second.pk, "in": True}
        )
    with pytest.raises(segments.SegmentError, match="does not exist"):
        segments.create("Third", {"type": "segment", "segment": 10**9, "in": True})
    first.refresh_from_db()
    assert first.condition == GERMANS
    assert Segment.objects.count() == 2


def test_a_deleted_segment_breaks_what_asks_about_it(now: datetime) -> None:
    germans = build("Germans", GERMANS, now)
    builders.profile(country="FR")
    others = build("Others", {"type": "segment", "segment": germans.pk, "in": False}, now)
    assert others.size == 1
    segments.delete(germans)
    segments.build_all(now)
    others.refresh_from_db()
    assert (others.state, others.size, members(others)) == ("broken", 0, set())
    assert others.error == "It asks about a segment that no longer exists."
    repaired = segments.change(others, name="Others", description="", condition=GERMANS)
    segments.build_all(now)
    repaired.refresh_from_db()
    assert (repaired.state, repaired.error) == ("live", "")


def test_what_cannot_be_understood_matches_nobody(now: datetime) -> None:
    builders.profile(country="DE")
    segment = build("Germans", GERMANS, now)
    Segment.objects.update(
        condition={"type": "attribute", "field": "country", "op": "resembles", "value": "DE"}, state="building"
    )
    segments.build_all(now)
    segment.refresh_from_db()
    assert (segment.state, segment.size, members(segment)) == ("broken", 0, set())
    assert segment.error == "There is no comparison “resembles”."
    with pytest.raises(ConditionError):
        segments.create("Empty", {"type": "all", "of": []})


def test_merged_people_count_once(now: datetime, journeys_listen: None) -> None:
    buyers = build("Buyers", BUYERS, now)
    builders.calls(builders.tracked("Order Completed", None, "visitor"), now=now)
    builders.calls(builders.tracked("Order Completed", "anna"), now=now)
    drain(now)
    assert len(members(buyers)) == 2
    builders.calls(builders.identify("anna", "visitor"), now=now)
    drain(now)
    membership.tick(now)
    buyers.refresh_from_db()
    survivor = Profile.objects.get(merged_into=None)
    assert (members(buyers), buyers.size) == ({survivor.pk}, 1)
    assert [row[1] for row in told()] == ["entered", "entered"]


@pytest.mark.parametrize("people", [3, 30])
def test_statements_do_not_grow_with_people_or_segments(now: datetime, people: int) -> None:
    for n in range(people):
        build(
            f"Segment {n}",
            {"type": "all", "of": [GERMANS, RECENT | {"where": [{"field": "n", "op": "lt", "value": n}]}, NOT_RECENT]},
            now,
        )
    for n in range(people):
        builders.calls(
            builders.tracked("Order Completed", f"user {n}", n=n), builders.identify(f"user {n}", country="DE"), now=now
        )
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert membership.take(10_000, now) > people
    assert len(captured) == 10
