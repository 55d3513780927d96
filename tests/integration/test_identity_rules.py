"""The rules of identity: what names nobody, what is shared, how much is too much, and ids of the sender's own."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from profiles.models import AttributeChange, Event, Identity, JoinRefusal, Merge, Profile
from profiles.queries.attribute_history import history, latest
from profiles.services.identity_rules import change
from tests.builders import alias, calls, identify, tracked
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

BOTH_WAYS = pytest.mark.parametrize("split", [True, False], ids=["one by one", "in one batch"])


def send(split: bool, *items: dict[str, Any]) -> list[tuple[str, ...]]:
    """The warnings of each call."""
    batches = [[one] for one in items] if split else [list(items)]
    return [one.warnings for batch in batches for one in calls(*batch)[0]]


def people() -> list[set[str]]:
    """The values that name each living person, oldest first."""
    return [
        set(Identity.objects.filter(profile=one).values_list("value", flat=True))
        for one in Profile.objects.filter(merged_into=None).order_by("id")
    ]


def with_ids(user_id: str | None, anonymous_id: str | None, **ids: str) -> dict[str, Any]:
    """An event with ids of the sender's own."""
    external = [{"id": value, "type": kind, "collection": "users"} for kind, value in ids.items()]
    return tracked("Seen", user_id, anonymous_id) | {"context": {"externalIds": external}}


@BOTH_WAYS
def test_values_that_name_nobody_join_nobody(split: bool) -> None:
    told = send(
        split,
        identify("u1", "a1", email="Test@Test.com", phone="000 000 000"),
        identify("u2", "a2", email="test@test.com"),
        identify("NULL", "a3", phone="+1 111 111 111"),
        tracked("Seen", "u3", "00000000-0000-0000-0000-000000000000"),
        identify("", "a4", email="noreply@shop.example"),
    )
    assert people() == [{"u1", "a1"}, {"u2", "a2"}, {"a3"}, {"u3"}, {"a4"}]
    assert told[0] == tuple(
        f"{kind}: not used, and nothing is sent to it: this value names nobody" for kind in ("email", "phone")
    )
    assert told[3] == ("anonymous_id: not used: this value names nobody",)
    assert Profile.objects.order_by("id")[0].attributes == {"email": "Test@Test.com", "phone": "000 000 000"}


def test_a_call_that_names_nobody_is_refused(write_key: str) -> None:
    batch = [
        tracked("Seen", "unknown") | {"messageId": "1"},
        tracked("Seen", "u1") | {"messageId": "2"},
        tracked("", "u1"),
        {"type": "alias", "userId": "guest", "previousId": "u7", "messageId": "4"},
    ]
    answer = Client().post(
        "/v1/batch",
        json.dumps({"batch": batch, "writeKey": write_key}),
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert answer.json()["stored"] == 1
    assert [(one["item"], one["field"]) for one in answer.json()["errors"]] == [
        (0, "userId"),
        (2, "event"),
        (3, "userId"),
    ]
    assert Profile.objects.count() == Event.objects.count() == 1


@BOTH_WAYS
def test_a_device_that_has_met_several_people_stops_joining(split: bool) -> None:
    told = send(
        split,
        identify("u1", "kiosk"),
        tracked("Seen", None, "kiosk"),  # still theirs
        identify("u2", "kiosk"),
        identify("u3", "kiosk"),
        tracked("Alone", None, "kiosk"),  # a visitor of its own
        identify("", "kiosk", email="x@y.z"),
        identify("u4", "kiosk"),
        identify("u5", email="x@y.z"),
    )
    names = {one.pk: people_of for one, people_of in zip(Profile.objects.order_by("id"), people(), strict=True)}
    assert list(names.values()) == [{"u1"}, {"u2"}, {"u3"}, {"kiosk"}, {"x@y.z", "u5"}, {"u4"}]
    owner = dict(Event.objects.values_list("name", "profile_id"))
    assert names[owner["Seen"]] == {"u1"}
    assert names[owner["Alone"]] == {"kiosk"}
    assert told[2] == ("anonymous_id: not joined: it belongs to somebody with another user id",)
    assert told[6] == ("anonymous_id: not joined: several people use it",)
    assert not Merge.objects.exists()


@BOTH_WAYS
def test_one_person_has_so_many_of_a_kind_and_no_more(split: bool) -> None:
    change({"most": {"email": 2, "anonymous_id": 3}}, NOW)
    told = send(
        split,
        *(identify("u1", email=f"{n}@y.z") for n in range(3)),
        tracked("Seen", "u1", "a1"),
        tracked("Seen", "u1", "a2"),
        identify("", "b1", email="b@y.z"),
        tracked("Seen", None, "b2"),
        identify("", "b2", email="b@y.z"),
        identify("u1", "b1"),  # two and two visitor ids would be four
    )
    assert people() == [{"u1", "0@y.z", "1@y.z", "a1", "a2"}, {"b@y.z", "b1", "b2"}]
    assert told[2] == ("email: not joined: one person may not have so many of this kind",)
    assert told[-1] == ("anonymous_id: not joined: one person may not have so many of this kind",)
    assert set(JoinRefusal.objects.values_list("kind", "value", "reason")) == {
        ("email", "2@y.z", "most"),
        ("anonymous_id", "b1", "most"),
    }
    assert Profile.objects.order_by("id")[0].attributes == {"email": "2@y.z"}


@BOTH_WAYS
def test_a_person_is_joined_so_often_a_day_and_no_more(split: bool) -> None:
    change({"merges_a_day": 2}, NOW)
    visitors = [tracked("Seen", None, f"a{n}") for n in range(4)]
    told = send(split, identify("u1"), *visitors, *(identify("u1", f"a{n}") for n in range(4)))
    assert told[-4:] == [(), (), *[("anonymous_id: not joined: too many joins within a day",)] * 2]
    assert Merge.objects.count() == 2
    assert Event.objects.count() == 9
    # Another day is another day, also through a chain: what was joined to the loser counts.
    calls(identify("u2"), tracked("Seen", None, "c1"), identify("u2", "c1"))
    results, _ = calls(alias("u1", "u2"))
    assert results[0].warnings == ("previousId: not joined: too many joins within a day",)


@BOTH_WAYS
def test_who_is_known_by_more_than_a_visit_survives(split: bool) -> None:
    send(
        split,
        tracked("Seen", None, "old"),
        identify("", "young", email="x@y.z"),
        with_ids(None, "old", loyalty_card="c1"),
        with_ids(None, "young", loyalty_card="c1"),
    )
    # Both hold something better than a visit by then: the older stays.
    assert people() == [{"old", "young", "x@y.z", "c1"}]
    Profile.objects.all().delete()
    send(split, tracked("Seen", None, "old"), identify("", "young", email="x@y.z"))
    send(split, tracked("Seen", None, "old") | {"context": {"traits": {"email": "x@y.z"}}})
    merge = Merge.objects.latest("id")
    assert Profile.objects.get(merged_into=None) == merge.survivor
    assert merge.survivor_before["attributes"] == {"email": "x@y.z"}


@BOTH_WAYS
def test_ids_of_the_senders_own_and_devices(split: bool) -> None:
    device = {"context": {"device": {"token": "t1", "type": "ios"}, "os": {"name": "iOS"}, "app": {"version": "1.2"}}}
    place = {"context": {"location": {"country": "DE", "city": "Bonn"}, "app": {"version": "1.3"}}}
    send(
        split,
        with_ids("u1", None, loyaltyCard="c1", telegramChatId="42"),
        with_ids(None, "a1", loyaltyCard="c1"),
        tracked("Seen", None, "a1") | device,
        identify("u1", country="FR") | place,
        tracked("Seen", "u2") | device,  # another user signs in on the phone: messages to it go to them
        with_ids("u3", None, loyaltyCard="c1"),
    )
    assert people() == [{"u1", "a1", "c1", "42"}, {"u2", "t1"}, {"u3"}]
    assert set(Identity.objects.filter(value__in=["c1", "42"]).values_list("kind", flat=True)) == {
        "loyalty_card",
        "chat_id",
    }
    first, second, _third = Profile.objects.filter(merged_into=None).order_by("id")
    assert first.attributes == {
        "device_type": "ios",
        "os": "iOS",
        "app_version": "1.3",
        "country": "FR",
        "city": "Bonn",
    }
    assert second.attributes["app_version"] == "1.2"


@BOTH_WAYS
def test_attributes_keep_their_history(split: bool) -> None:
    send(
        split,
        identify("u1", plan="free", age=7),
        identify("u1", plan="pro"),
        identify("u1", plan="pro", age=None),
        identify("", "a1", city="Bonn"),
        identify("u1", "a1"),
    )
    person = Profile.objects.get(merged_into=None)
    merge = Merge.objects.get()
    assert [(line.name, line.old, line.new, line.source) for line in history(person)] == [
        ("city", None, "Bonn", f"merge:{merge.pk}"),
        ("city", None, "Bonn", "identify"),
        ("age", 7, None, "identify"),
        ("plan", "free", "pro", "identify"),
        ("age", None, 7, "identify"),
        ("plan", None, "free", "identify"),
    ]
    assert [line.new for line in history(person, "plan")] == ["pro", "free"]
    assert {name: line.source for name, line in latest(person).items()} == {
        "city": f"merge:{merge.pk}",
        "plan": "identify",
    }
    assert AttributeChange.objects.count() == 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM profiles_attributechange WHERE at <> %s", [NOW])
        assert cursor.fetchone() == (0,)
