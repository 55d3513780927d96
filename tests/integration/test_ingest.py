"""Ingestion: who is joined with whom, what stays of both, and that a repeat changes nothing."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from profiles.ingest import TrackRow, track, update_attributes
from profiles.models import Change, Consent, Event, Identity, Membership, Merge, Profile, Segment, Topic
from profiles.services import changes
from profiles.services.changes import NewChange
from tests.builders import alias, calls, event, identify, profile, tracked
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def people() -> list[set[tuple[str, str]]]:
    """The identities of each living person, oldest first."""
    return [
        set(Identity.objects.filter(profile=one).values_list("kind", "value"))
        for one in Profile.objects.filter(merged_into=None).order_by("id")
    ]


def each(*items: dict[str, Any]) -> None:
    """The calls one by one."""
    for item in items:
        calls(item)


U, A, E, P = "user_id", "anonymous_id", "email", "phone"

CASES: dict[str, tuple[list[dict[str, Any]], list[set[tuple[str, str]]], list[dict[str, Any]]]] = {
    "an anonymous visitor": ([tracked("Seen", None, "a1")], [{(A, "a1")}], [{}]),
    "a visitor becomes known": (
        [tracked("Seen", None, "a1"), identify("u1", "a1", plan="pro")],
        [{(A, "a1"), (U, "u1")}],
        [{"plan": "pro"}],
    ),
    "a visitor turns out to be somebody known: the known side wins, gaps are filled": (
        [identify("u1", plan="pro", city="Bonn"), identify("", "a1", plan="free", age=7), identify("u1", "a1")],
        [{(A, "a1"), (U, "u1")}],
        [{"plan": "pro", "city": "Bonn", "age": 7}],
    ),
    "the visitor is older, the known side wins all the same": (
        [identify("", "a1", plan="free", age=7), identify("u1", plan="pro"), tracked("Seen", "u1", "a1")],
        [{(A, "a1"), (U, "u1")}],
        [{"plan": "pro", "age": 7}],
    ),
    "two visitors with one e-mail: the older survives": (
        [
            identify("", "a1", email="X@y.z", plan="free"),
            identify("", "a2", city="Bonn", plan="pro"),
            identify("", "a2", email="x@Y.z "),
        ],
        [{(A, "a1"), (A, "a2"), (E, "x@y.z")}],
        [{"email": "x@Y.z", "plan": "free", "city": "Bonn"}],
    ),
    "a visitor with the e-mail of somebody known": (
        [identify("u1", email="x@y.z"), identify("", "a1", email="x@y.z", age=7)],
        [{(U, "u1"), (A, "a1"), (E, "x@y.z")}],
        [{"email": "x@y.z", "age": 7}],
    ),
    "a lead with an e-mail gets a user id": (
        [identify("", "a1", email="x@y.z", age=7), identify("u1", email="x@y.z")],
        [{(A, "a1"), (E, "x@y.z"), (U, "u1")}],
        [{"email": "x@y.z", "age": 7}],
    ),
    "two user ids with one e-mail stay two": (
        [identify("u1", email="x@y.z"), identify("u2", email="x@y.z")],
        [{(U, "u1"), (E, "x@y.z")}, {(U, "u2")}],
        [{"email": "x@y.z"}, {"email": "x@y.z"}],
    ),
    "two user ids with one phone stay two": (
        [identify("u1", phone="+49 30 123456"), identify("u2", phone="+4930123456")],
        [{(U, "u1"), (P, "+4930123456")}, {(U, "u2")}],
        [{"phone": "+49 30 123456"}, {"phone": "+4930123456"}],
    ),
    "a second user on a shared device is somebody else": (
        [identify("u1", "a1"), identify("u2", "a1", plan="pro")],
        [{(U, "u1"), (A, "a1")}, {(U, "u2")}],
        [{}, {"plan": "pro"}],
    ),
    "an alias joins two user ids, the new one survives": (
        [identify("u1", plan="free", age=7), identify("u2", plan="pro"), alias("u1", "u2")],
        [{(U, "u1"), (U, "u2")}],
        [{"plan": "pro", "age": 7}],
    ),
    "an alias to a new user id": (
        [identify("u1", age=7), alias("u1", "u2"), identify("u2", plan="pro")],
        [{(U, "u1"), (U, "u2")}],
        [{"age": 7, "plan": "pro"}],
    ),
    "an alias from a visitor": (
        [identify("", "a1", age=7), alias("a1", "u1")],
        [{(A, "a1"), (U, "u1")}],
        [{"age": 7}],
    ),
    "an alias from the visitor of another user is refused": (
        [identify("u1", "a1"), alias("a1", "u2")],
        [{(U, "u1"), (A, "a1")}, {(U, "u2")}],
        [{}, {}],
    ),
    "an alias from an id nobody has seen yet": (
        [alias("old", "u1"), identify("old", age=7), tracked("Seen", None, "old")],
        [{(U, "u1"), (U, "old"), (A, "old")}],
        [{"age": 7}],
    ),
    "a chain of aliases": (
        [identify("u1", a=1), identify("u2", b=2), identify("u3", c=3), alias("u1", "u2"), alias("u2", "u3")],
        [{(U, "u1"), (U, "u2"), (U, "u3")}],
        [{"a": 1, "b": 2, "c": 3}],
    ),
    "null removes, names become snake_case, nested values stay": (
        [identify("u1", firstName="Ada", age=7, address={"postalCode": "1"}), identify("u1", age=None)],
        [{(U, "u1")}],
        [{"first_name": "Ada", "address": {"postalCode": "1"}}],
    ),
    "true is not 1": ([identify("u1", vip=1), identify("u1", vip=True)], [{(U, "u1")}], [{"vip": True}]),
    "traits in the context of an event identify and fill, without overwriting": (
        [
            identify("u1", email="x@y.z"),
            tracked("Seen", None, "a1") | {"context": {"traits": {"email": "X@Y.Z", "age": 7}}},
            tracked("Seen", None, "a2") | {"context": {"traits": {"email": "b@c.d"}}},
        ],
        [{(U, "u1"), (E, "x@y.z"), (A, "a1")}, {(A, "a2"), (E, "b@c.d")}],
        [{"email": "x@y.z"}, {"email": "b@c.d"}],
    ),
    "zone and language of the browser, where nothing better is known": (
        [
            tracked("Seen", None, "a1") | {"context": {"timezone": "Asia/Tokyo", "locale": "ja-JP"}},
            tracked("Seen", None, "a1") | {"context": {"timezone": "Europe/Rome", "locale": "it"}},
            tracked("Seen", None, "a2") | {"context": {"timezone": "Mars/Base", "locale": 7}},
        ],
        [{(A, "a1")}, {(A, "a2")}],
        [{"timezone": "Asia/Tokyo", "language": "ja"}, {}],
    ),
    "groups are collected": (
        [{"type": "group", "userId": "u1", "groupId": g, "traits": {"n": 1}} for g in ("g1", "g2", "g1")],
        [{(U, "u1")}],
        [{"groups": ["g1", "g2"]}],
    ),
}


@pytest.mark.parametrize("split", [True, False], ids=["one by one", "in one batch"])
@pytest.mark.parametrize("case", CASES)
def test_who_is_who(case: str, split: bool) -> None:
    given, identities, attributes = CASES[case]
    if split:
        each(*given)
    else:
        calls(*given)
    assert people() == identities
    living = Profile.objects.filter(merged_into=None).order_by("id")
    assert [one.attributes for one in living] == attributes
    assert Event.objects.count() == len(given)
    assert set(Event.objects.values_list("profile_id", flat=True)) == {one.pk for one in living}
    assert all(one.attributes == {} for one in Profile.objects.exclude(merged_into=None))


def test_a_merge_moves_everything_and_leaves_a_signpost() -> None:
    changes.declare("segments", "test", [("merged", "*")])
    calls(identify("u1", "a1", plan="pro"), tracked("Seen", "u1"), now=NOW)
    calls(tracked("Seen", None, "a2"), identify("", "a2", age=7), now=NOW - HOUR)
    known, visitor = Profile.objects.order_by("id")
    news, offers = Topic.objects.create(slug="news", name="News"), Topic.objects.create(slug="offers", name="Offers")
    for owner, topic, subscribed, age in [
        (known, news, True, 2),
        (visitor, news, False, 1),
        (visitor, offers, True, 3),
    ]:
        Consent.objects.create(profile=owner, topic=topic, subscribed=subscribed, source="form", at=NOW - age * HOUR)
    first, second = Segment.objects.create(name="1"), Segment.objects.create(name="2")
    for owner, segment, age in [(known, first, 1), (visitor, first, 5), (visitor, second, 4)]:
        Membership.objects.create(segment=segment, profile=owner, since=NOW - age * HOUR)

    results, _ = calls(identify("u1", "a2"), now=NOW + HOUR)

    assert [one.profile_id for one in results] == [known.pk]
    known.refresh_from_db()
    visitor.refresh_from_db()
    assert (known.attributes, known.created_at, known.last_seen_at) == (
        {"plan": "pro", "age": 7},
        NOW - HOUR,
        NOW + HOUR,
    )
    assert (visitor.attributes, visitor.merged_into_id) == ({}, known.pk)
    assert set(Event.objects.values_list("profile_id", flat=True)) == {known.pk}
    assert set(Consent.objects.values_list("profile_id", "topic__slug", "subscribed", "at")) == {
        (known.pk, "news", False, NOW - HOUR),
        (known.pk, "offers", True, NOW - 3 * HOUR),
    }
    assert set(Membership.objects.values_list("profile_id", "segment__name", "since")) == {
        (known.pk, "1", NOW - 5 * HOUR),
        (known.pk, "2", NOW - 4 * HOUR),
    }
    assert list(Change.objects.values_list("profile_id", "kind", "key", "data")) == [
        (known.pk, "merged", "", {"from": visitor.pk, "into": known.pk, "merge": Merge.objects.get().pk})
    ]


def test_signposts_are_flat_and_old_ids_lead_to_the_survivor() -> None:
    changes.declare("journeys", "test", [("event", "Seen"), ("attribute", "*")])
    each(identify("u1"), identify("u2"), identify("u3"))
    first, second, third = Profile.objects.order_by("id")
    track([TrackRow(first.pk, "Seen", {}, NOW, uuid4())], NOW)
    each(alias("u1", "u2"), alias("u2", "u3"))
    assert dict(Profile.objects.values_list("id", "merged_into_id")) == {
        first.pk: third.pk,
        second.pk: third.pk,
        third.pk: None,
    }
    assert list(Change.objects.values_list("profile_id", flat=True)) == [third.pk]
    assert track([TrackRow(first.pk, "Seen", {"n": 1}, NOW, uuid4()), TrackRow(0, "Seen", {}, NOW, uuid4())], NOW) == 1
    assert update_attributes({second.pk: {"plan": "pro"}}, NOW, "test") == 1
    assert list(Change.objects.order_by("id").values_list("profile_id", "key", "data")) == [
        (third.pk, "Seen", {}),
        (third.pk, "Seen", {"n": 1}),
        (third.pk, "plan", {"old": None, "new": "pro", "source": "test"}),
    ]
    assert Event.objects.filter(name="Seen", profile=third).count() == 2


@pytest.mark.parametrize("split", [True, False], ids=["later", "in one batch"])
def test_a_repeat_is_harmless(split: bool) -> None:
    changes.declare("journeys", "test", [("event", "*"), ("attribute", "*")])
    first = identify("u1", plan="free") | {"messageId": "same"}
    again = first | {"sentAt": "2026-03-02T09:00:00Z", "timestamp": "2026-03-02T08:00:00Z"}
    given = [first, identify("u1", plan="pro"), again]
    if split:
        each(*given)
    else:
        results, _ = calls(*given)
        assert [one.stored for one in results] == [True, True, False]
    assert Profile.objects.get().attributes == {"plan": "pro"}
    assert Event.objects.count() == 2
    assert list(Change.objects.order_by("id").values_list("kind", "key", "data__new")) == [
        ("attribute", "plan", "free"),
        ("event", "Identified", None),
        ("attribute", "plan", "pro"),
        ("event", "Identified", None),
    ]


def test_changes_are_recorded_where_somebody_wants_them() -> None:
    changes.declare("journeys", "version:1", [("event", "Seen"), ("created", "*")])
    changes.declare("journeys", "version:2", [("event", "*")])
    changes.declare("segments", "segment:1", [("attribute", "plan"), ("event", "Seen")])
    calls(
        tracked("Seen", "u1", total=5) | {"timestamp": "2026-03-02T08:00:00Z"},
        identify("u1", plan="pro", age=7),
        tracked("Left", "u1"),
    )
    person = Profile.objects.get()
    ids = dict(Event.objects.values_list("name", "id"))
    assert list(Change.objects.order_by("id").values_list("consumer", "kind", "key", "event_id", "at", "data")) == [
        ("journeys", "created", "", None, NOW, {}),
        ("journeys", "event", "Seen", ids["Seen"], NOW - 2 * HOUR, {"total": 5}),
        ("segments", "event", "Seen", None, NOW, {}),
        ("segments", "attribute", "plan", None, NOW, {}),
        ("journeys", "event", "Identified", ids["Identified"], NOW, {"plan": "pro", "age": 7}),
        ("journeys", "event", "Left", ids["Left"], NOW, {}),
    ]
    assert set(Change.objects.values_list("profile_id", flat=True)) == {person.pk}
    changes.declare("journeys", "version:2", [])
    changes.withdraw("segments", "segment:1")
    calls(tracked("Left", "u1"), tracked("Seen", "u1"))
    assert Change.objects.count() == 7


def test_segments_look_at_the_facts_themselves_and_are_told_once() -> None:
    for consumer in ("journeys", "segments"):
        changes.declare(consumer, "test", [("event", "Seen"), ("attribute", "age")])
    calls(tracked("Seen", "u1", n=1), identify("u1", age=7), tracked("Seen", "u1", n=2), identify("u1", age=8))
    rows = Change.objects.order_by("id").values_list("consumer", "kind", "key")
    assert list(rows) == [
        ("journeys", "event", "Seen"),
        ("segments", "event", "Seen"),
        ("journeys", "attribute", "age"),
        ("segments", "attribute", "age"),
        ("journeys", "event", "Seen"),
        ("journeys", "attribute", "age"),
    ]


ODD = ("\\N", "\\.", "a\tb", "a\nb\r\n", "\\t", 'c:\\new\\"dir"', "\u2028 🙂 ß", "\x01\x0b\x7f", "{}", " ")


@pytest.mark.parametrize("times", [1, 3])  # events are inserted; many are copied
def test_names_and_values_come_through_as_they_are(times: int) -> None:
    changes.declare("journeys", "test", [("event", "*"), ("attribute", "*")])
    told = [tracked(f"-{name}-", "u1", value=name, **{name: {"in": [name]}}) for name in ODD for _ in range(times)]
    calls(*told, identify("u1", **{f"x{n}": name for n, name in enumerate(ODD)}))
    wanted = [(f"-{name}-", {"value": name, name: {"in": [name]}}) for name in ODD for _ in range(times)]
    assert list(Event.objects.filter(kind="track").order_by("id").values_list("name", "properties")) == wanted
    heard = Change.objects.filter(kind="event", key__startswith="-").order_by("id")
    assert list(heard.values_list("key", "data")) == wanted
    attributes = Change.objects.filter(kind="attribute").order_by("id").values_list("data", flat=True)
    assert [one["new"] for one in attributes] == list(ODD)


def test_what_a_copy_refuses_is_told_in_the_errors_of_any_statement() -> None:
    """Whoever tries again, or finds the one who spoils a batch, knows Django's errors."""
    changes.declare("journeys", "test", [("event", "Seen")])
    person = profile()
    with pytest.raises(DataError), transaction.atomic():
        changes.record([NewChange(person.pk, "event", "Seen", data={"said": "\0"})], NOW)
    rows = [TrackRow(person.pk, "Seen", {"said": "\0"}, NOW, uuid4()) for _ in range(30)]
    with pytest.raises(DataError), transaction.atomic():
        track(rows, NOW)
    assert (Change.objects.count(), Event.objects.count()) == (0, 0)


def test_changes_of_a_merge_in_one_batch_are_told_against_what_the_survivor_held() -> None:
    each(identify("u1", plan="pro"), identify("", "a1", age=6))
    changes.declare("journeys", "test", [("attribute", "*")])
    calls(identify("", "a1", plan="free", age=7), identify("u1", "a1", city="Bonn"))
    survivor = Profile.objects.get(merged_into=None)
    assert survivor.attributes == {"plan": "pro", "age": 7, "city": "Bonn"}
    assert list(Change.objects.order_by("id").values_list("profile_id", "key", "data__old", "data__new")) == [
        (survivor.pk, "age", None, 7),
        (survivor.pk, "city", None, "Bonn"),
    ]


def test_a_join_in_the_batch_that_brought_a_user_is_a_join_like_any_other() -> None:
    each(identify("u9", "a1"), identify("", "a2", email="x@y.z", age=6))
    visitor = Profile.objects.order_by("id").last()
    assert visitor is not None
    changes.declare("journeys", "test", [("attribute", "*"), ("created", "*"), ("merged", "*")])
    calls(identify("", "a2", age=7), identify("u1", "a1", age=8), identify("u1", email="x@y.z"))
    visitor.refresh_from_db()
    user = Profile.objects.get(merged_into=None, attributes__age=8)
    assert (visitor.merged_into, visitor.attributes) == (user, {})
    assert user.attributes == {"age": 8, "email": "x@y.z"}
    told = list(Change.objects.order_by("id").values_list("profile_id", "kind", "data__old", "data__new"))
    assert told == [
        (user.pk, "created", None, None),
        (user.pk, "merged", None, None),
        (user.pk, "attribute", None, 8),
        (user.pk, "attribute", None, "x@y.z"),
    ]


def test_refusals_are_told() -> None:
    each(identify("u1", "a1", email="x@y.z"))
    results, errors = calls(identify("u2", "a1", email="x@y.z", timezone="Mars"), tracked("", "u1"))
    assert [one.warnings for one in results] == [
        (
            "email: not joined: it belongs to somebody with another user id",
            "anonymous_id: not joined: it belongs to somebody with another user id",
            "traits.timezone: not stored: use a name of the time zone database, like Europe/Berlin",
        )
    ]
    assert [(one.item, one.field) for one in errors] == [(1, "event")]


def test_first_and_last_seen_follow_what_happened() -> None:
    calls(tracked("Seen", "u1") | {"timestamp": "2026-03-01T10:00:00Z"})
    calls(tracked("Seen", "u1") | {"timestamp": "2026-01-01T00:00:00Z"})
    person = Profile.objects.get()
    assert (person.created_at.isoformat(), person.last_seen_at) == ("2026-01-01T00:00:00+00:00", NOW - 24 * HOUR)
    track([TrackRow(person.pk, "Message Delivered", {}, NOW, uuid4(), kind="message")], NOW)
    person.refresh_from_db()
    assert person.last_seen_at == NOW - 24 * HOUR


def test_inner_writers_repeat_harmlessly_and_keep_the_order() -> None:
    changes.declare("journeys", "test", [("event", "*")])
    person, one, two = profile(), uuid4(), uuid4()
    rows = [TrackRow(person.pk, "B", {}, NOW, two), TrackRow(person.pk, "A", {}, NOW, one)]
    assert track(rows, NOW) == 2
    assert track([*rows, TrackRow(person.pk, "C", {}, NOW, uuid4())], NOW) == 1
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == ["B", "A", "C"]
    assert list(Change.objects.order_by("id").values_list("key", flat=True)) == ["B", "A", "C"]


def test_updated_attributes_become_identities_without_merging() -> None:
    calls(identify("u1", email="x@y.z"))
    owner, other = Profile.objects.get(), profile(plan="pro")
    count = update_attributes({other.pk: {"email": "x@y.z", "phone": "+4930123456", "plan": None}}, NOW, "person")
    assert count == 1
    other.refresh_from_db()
    assert other.attributes == {"email": "x@y.z", "phone": "+4930123456"}
    assert set(Identity.objects.values_list("profile_id", "kind")) == {
        (owner.pk, "user_id"),
        (owner.pk, "email"),
        (other.pk, "phone"),
    }
    assert update_attributes({other.pk: {"plan": None, "timezone": "Mars/Base"}, 0: {"a": 1}}, NOW, "person") == 0


def batch(n: int) -> list[dict[str, Any]]:
    """n calls that create, identify, merge and track."""
    return [
        call
        for i in range(n // 5)
        for call in (
            tracked("Seen", None, f"visitor{i}"),
            identify(f"user{i}", None, plan="pro", email=f"{i}@y.z"),
            identify(f"user{i}", f"visitor{i}", age=i),
            tracked("Order Completed", f"user{i}"),
            identify(f"known{i}", f"old{i}", plan="new"),
        )
    ]


def test_statements_do_not_grow_with_the_batch() -> None:
    changes.declare("journeys", "test", [("event", "*"), ("attribute", "*"), ("merged", "*")])
    counts = []
    for n in (25, 500):
        Profile.objects.all().delete()
        calls(*(identify(f"known{i}") for i in range(n)), *(tracked("Seen", None, f"old{i}") for i in range(n)))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            calls(*batch(n))
        assert Profile.objects.exclude(merged_into=None).count() == 2 * (n // 5)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 38

    person = [profile() for _ in range(50)]
    event(person[0], "Seen")
    inner = []
    for some in (person[:25], person):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            track([TrackRow(one.pk, "Seen", {}, NOW, uuid4()) for one in some], NOW)
            update_attributes({one.pk: {"n": len(some), "email": f"{one.pk}@p.q"} for one in some}, NOW, "test")
        inner.append(len(captured))
    assert inner[0] == inner[1]
