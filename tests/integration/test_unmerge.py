"""A join is logged, and undone: both people are field by field what they were before."""

from datetime import timedelta
from typing import Any

import pytest

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Followed, Message, StepRecord
from profiles.ingest import update_attributes
from profiles.models import (
    Account,
    AccountMember,
    Apart,
    AttributeChange,
    Consent,
    ConsentChange,
    Event,
    Identity,
    JoinRefusal,
    ListEntry,
    Membership,
    Merge,
    Note,
    PeopleList,
    Profile,
    Topic,
)
from profiles.segments import membership
from profiles.segments.building import rebuild
from profiles.services import changes
from profiles.services.segments import create
from profiles.services.unmerge import UnmergeError, unmerge
from tests import builders
from tests.builders import alias, calls, identify, tracked
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
TABLES = (Identity, Event, AttributeChange, Consent, ConsentChange, Note, ListEntry, AccountMember, Membership)


def everything(person: Profile, *, without: tuple[Any, ...] = ()) -> dict[str, Any]:
    """All that is kept of a profile, column by column."""
    found: dict[str, Any] = dict(Profile.objects.filter(pk=person.pk).values().get())
    del found["updated_at"]
    for model in TABLES:
        rows = model.objects.filter(profile=person).exclude(pk__in=[one.pk for one in without if type(one) is model])
        found[model.__name__] = sorted(
            (sorted((k, str(v)) for k, v in row.items() if k != "id" or model in (Event, AttributeChange, Note)))
            for row in rows.values()
        )
    return found


def two_people() -> tuple[Profile, Profile]:
    """Somebody known and a visitor, with some of everything, partly the same on both sides."""
    calls(identify("u1", "a1", plan="pro", email="x@y.z"), tracked("Seen", "u1"), now=NOW)
    calls(tracked("Seen", None, "a2"), identify("", "a2", plan="free", city="Bonn", age=7), now=NOW - 2 * HOUR)
    calls(identify("", "a2", age=8), now=NOW - HOUR)
    known, visitor = Profile.objects.order_by("id")
    news, offers, own = (Topic.objects.create(slug=name, name=name) for name in ("news", "offers", "own"))
    for owner, topic, subscribed, age in [
        (known, news, True, 2),
        (visitor, news, False, 1),
        (visitor, offers, True, 3),
        (known, own, True, 4),
    ]:
        row = {"profile": owner, "topic": topic, "subscribed": subscribed, "source": "form", "at": NOW - age * HOUR}
        Consent.objects.create(**row)
        ConsentChange.objects.create(**row)
    vip, guests = (PeopleList.objects.create(name=name, created_at=NOW) for name in ("vip", "guests"))
    firm = Account.objects.create(key="firm", created_at=NOW, updated_at=NOW)
    for owner, where, age in [(known, vip, 1), (visitor, vip, 5), (visitor, guests, 4)]:
        ListEntry.objects.create(list=where, profile=owner, at=NOW - age * HOUR, source="test")
    AccountMember.objects.create(account=firm, profile=visitor, since=NOW - HOUR)
    Note.objects.create(profile=visitor, text="called", at=NOW)
    return known, visitor


def segments() -> None:
    """One segment with both of them, one with the visitor alone, one that the join alone fills."""
    seen: dict[str, Any] = {"type": "event", "event": "Seen", "did": True, "count": {"op": "at_least", "n": 1}}
    bonn = {"type": "attribute", "field": "city", "op": "eq", "value": "Bonn"}
    pro = {"type": "attribute", "field": "plan", "op": "eq", "value": "pro"}
    for name, condition in [("seen", seen), ("bonn", bonn), ("both", {"type": "all", "of": [bonn, pro]})]:
        made = create(name, condition, by=None)
        rebuild(made.pk, NOW)


def settle(at: Any) -> None:
    """Whoever hears of changes has heard of them."""
    while membership.take(1000, at) or inbox.take(1000, at):
        pass


def members() -> set[tuple[str, int]]:
    return set(Membership.objects.values_list("segment__name", "profile_id"))


def test_an_undone_merge_gives_both_back_what_they_had() -> None:
    known, visitor = two_people()
    segments()
    before = everything(known), everything(visitor)
    inside = members()
    assert inside == {("seen", known.pk), ("seen", visitor.pk), ("bonn", visitor.pk)}

    calls(identify("u1", "a2"), now=NOW)
    settle(NOW)

    merge = Merge.objects.get()
    assert (merge.survivor, merge.loser, merge.kind, merge.value, merge.call) == (
        known,
        visitor,
        "anonymous_id",
        "a2",
        "identify",
    )
    assert merge.filled == {"city": "Bonn", "age": 8}
    assert members() == {("seen", known.pk), ("bonn", known.pk), ("both", known.pk)}
    assert set(AttributeChange.objects.filter(source=f"merge:{merge.pk}").values_list("name", "new")) == {
        ("city", "Bonn"),
        ("age", 8),
    }

    assert unmerge(merge.pk, by=None, now=NOW + HOUR) == visitor
    settle(NOW + HOUR)

    joining = Event.objects.get(message_id=merge.message_id)  # what came with the join stays with the survivor
    assert joining.profile_id == known.pk
    assert everything(known, without=(joining,)) == before[0]
    assert everything(visitor) == before[1]
    assert members() == inside
    with pytest.raises(UnmergeError):
        unmerge(merge.pk, by=None, now=NOW + HOUR)


def test_what_came_after_the_merge_stays_with_the_survivor() -> None:
    known, visitor = two_people()
    calls(identify("u1", "a2"), now=NOW)
    calls(
        identify("u1", city="Rome", shoe=44),
        tracked("Bought", None, "a2"),
        identify("u1", email="n@y.z"),
        now=NOW + HOUR,
    )
    vip = PeopleList.objects.get(name="vip")
    ListEntry.objects.filter(list__name="guests").update(at=NOW + HOUR)
    Consent.objects.filter(topic__slug="news").update(subscribed=True, at=NOW + HOUR)

    unmerge(Merge.objects.get().pk, by=None, now=NOW + 2 * HOUR)

    known.refresh_from_db()
    visitor.refresh_from_db()
    assert known.attributes == {"plan": "pro", "email": "n@y.z", "city": "Rome", "shoe": 44}
    assert visitor.attributes == {"plan": "free", "city": "Bonn", "age": 8}
    assert (known.last_seen_at, visitor.last_seen_at) == (NOW + HOUR, NOW - HOUR)
    assert Event.objects.get(name="Bought").profile == known
    assert set(Identity.objects.values_list("profile_id", "kind", "value")) == {
        (known.pk, "user_id", "u1"),
        (known.pk, "anonymous_id", "a1"),
        (known.pk, "email", "x@y.z"),
        (known.pk, "email", "n@y.z"),
        (visitor.pk, "anonymous_id", "a2"),
    }
    assert set(Consent.objects.values_list("profile_id", "topic__slug", "subscribed")) == {
        (known.pk, "news", True),
        (known.pk, "own", True),
        (visitor.pk, "news", False),
        (visitor.pk, "offers", True),
    }
    assert set(ListEntry.objects.values_list("profile_id", "list__name")) == {
        (known.pk, "vip"),
        (known.pk, "guests"),
        (visitor.pk, "vip"),
        (visitor.pk, "guests"),
    }
    assert ListEntry.objects.get(profile=known, list=vip).at == NOW - HOUR


def test_the_same_identity_does_not_join_them_again() -> None:
    known, visitor = two_people()
    calls(identify("u1", "a2"), now=NOW)
    unmerge(Merge.objects.get().pk, by=None, now=NOW + HOUR)
    results, _ = calls(identify("u1", "a2", shoe=44), tracked("Seen", None, "a2"), now=NOW + HOUR)
    assert [one.profile_id for one in results] == [known.pk, visitor.pk]
    assert results[0].warnings == ("anonymous_id: not joined: the two were taken apart by hand",)
    assert JoinRefusal.objects.values_list("profile_id", "other_id", "reason").get() == (known.pk, visitor.pk, "apart")
    # Somebody joined with one of them later is kept from the other all the same.
    calls(identify("u2"), alias("u1", "u2"), now=NOW + HOUR)
    results, _ = calls(identify("u2", "a2"), now=NOW + HOUR)
    assert results[0].warnings == ("anonymous_id: not joined: the two were taken apart by hand",)
    # Another identity may.
    calls(identify("", "a2", email="v@y.z"), identify("u2", email="v@y.z"), now=NOW + HOUR)
    assert Profile.objects.filter(merged_into=None).count() == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("split", [True, False], ids=["one by one", "in one batch"])
def test_joins_of_one_survivor_are_undone_in_any_order(order: tuple[int, int], split: bool) -> None:
    topic = Topic.objects.create(slug="news", name="News")
    calls(identify("u1", plan="pro"))
    calls(identify("", "a1", city="Bonn"), identify("", "a2", city="Rome", age=7))
    known, first, second = Profile.objects.order_by("id")
    for owner, age in ((known, 3), (first, 1), (second, 2)):
        Consent.objects.create(profile=owner, topic=topic, subscribed=owner == first, source="x", at=NOW - age * HOUR)
    before = [everything(one) for one in (known, first, second)]
    given = [identify("u1", "a1"), identify("u1", "a2")]
    for batch in [[one] for one in given] if split else [given]:
        calls(*batch)
    known.refresh_from_db()
    assert known.attributes == {"plan": "pro", "city": "Bonn", "age": 7}
    merges = list(Merge.objects.order_by("id"))
    assert [one.loser for one in merges] == [first, second]
    unmerge(merges[order[0]].pk, by=None, now=NOW)
    known.refresh_from_db()
    assert known.attributes["city"] == ("Bonn" if order[0] else "Rome")
    unmerge(merges[order[1]].pk, by=None, now=NOW)
    joining = tuple(Event.objects.filter(message_id__in=[one.message_id for one in merges]))
    after = [everything(one, without=joining) for one in (known, first, second)]
    assert after == before


@pytest.mark.parametrize("split", [True, False], ids=["one by one", "in one batch"])
def test_a_chain_of_joins_is_undone_from_its_end(split: bool) -> None:
    given = [
        *({**identify(f"u{n}"), "traits": {"name": f"n{n}", f"only{n}": n}} for n in (1, 2, 3)),
        tracked("Seen", "u1"),
        alias("u1", "u2"),
        tracked("Seen", "u2"),
        alias("u2", "u3"),
    ]
    for batch in [[one] for one in given] if split else [given]:
        calls(*batch)
    inner, outer = Merge.objects.order_by("id")
    with pytest.raises(UnmergeError):
        unmerge(inner.pk, by=None, now=NOW)
    unmerge(outer.pk, by=None, now=NOW)
    third = Profile.objects.get(pk=outer.survivor_id)
    second = Profile.objects.get(pk=outer.loser_id)
    assert third.attributes == {"name": "n3", "only3": 3}
    assert second.attributes == {"name": "n2", "only2": 2, "only1": 1}
    assert Profile.objects.get(pk=inner.loser_id).merged_into == second
    assert Event.objects.filter(profile=second).count() == 5
    unmerge(inner.pk, by=None, now=NOW)
    second.refresh_from_db()
    assert second.attributes == {"name": "n2", "only2": 2}
    first = Profile.objects.get(pk=inner.loser_id)
    assert first.attributes == {"name": "n1", "only1": 1}
    assert {
        one: set(Event.objects.filter(profile=one).values_list("name", flat=True)) for one in (first, second, third)
    } == {
        first: {"Identified", "Seen"},
        second: {"Identified", "Aliased", "Seen"},
        third: {"Identified", "Aliased"},
    }
    assert {
        one: list(Identity.objects.filter(profile=one).values_list("value", flat=True))
        for one in (first, second, third)
    } == {
        first: ["u1"],
        second: ["u2"],
        third: ["u3"],
    }
    assert set(AttributeChange.objects.filter(profile=first).values_list("name", "source")) == {("", "identify")}
    assert AttributeChange.objects.count() == 3
    assert Apart.objects.count() == 4


JOURNEY = """
    start: entry_event(event="Signed Up") -> wait
    wait: wait_event(event="Bought", amount=1, unit="days") happened -> mail, timed_out -> done
    mail: send(template="Welcome") -> done
    done: exit()
"""


def moved_state() -> list[Any]:
    rows: list[Any] = list(
        Enrollment.objects.order_by("id").values_list(
            "id", "profile_id", "state", "due_at", "node_id", "reason", "ended_at"
        )
    )
    rows += list(Message.objects.order_by("id").values_list("id", "profile_id", "state"))
    return rows + list(StepRecord.objects.order_by("id").values_list("id", "profile_id"))


def run(at: Any) -> None:
    while inbox.take(1000, at) or runner.advance(at, 1000):
        pass


def test_journeys_give_back_what_followed_the_survivor() -> None:
    builders.journey(JOURNEY)
    for hours, call in (  # who buys does so before the others begin to wait for it
        (0, tracked("Signed Up", None, "a2")),
        (0.5, tracked("Bought", None, "a2")),
        (1, tracked("Signed Up", "u1")),
        (1.5, tracked("Signed Up", None, "a1")),
    ):
        calls(call, now=NOW + hours * HOUR)
        run(NOW + hours * HOUR)
    before = moved_state()
    assert [row[2] for row in before[:3]] == [2, 1, 1]
    for visitor in ("a1", "a2"):
        calls(identify("u1", visitor), now=NOW + 2 * HOUR)
    run(NOW + 2 * HOUR)
    known = Profile.objects.get(merged_into=None)
    assert set(Enrollment.objects.values_list("profile_id", "state")) == {(known.pk, 1), (known.pk, 3), (known.pk, 2)}
    assert set(Message.objects.values_list("profile_id", flat=True)) == {known.pk}
    for merge in Merge.objects.order_by("-id"):
        unmerge(merge.pk, by=None, now=NOW + 3 * HOUR)
    run(NOW + 3 * HOUR)
    assert moved_state() == before
    assert not Followed.objects.exists()


def test_merged_and_undone_before_anybody_heard() -> None:
    builders.journey(JOURNEY)
    calls(tracked("Signed Up", "u1"), tracked("Signed Up", None, "a1"))
    run(NOW)
    calls(identify("u1", "a1"), now=NOW)
    unmerge(Merge.objects.get().pk, by=None, now=NOW)
    calls(tracked("Bought", None, "a1"), now=NOW + HOUR)
    run(NOW + HOUR)
    visitor = Merge.objects.get().loser
    assert Message.objects.get().profile_id == visitor.pk
    assert Enrollment.objects.exclude(profile_id=visitor.pk).get().state == Enrollment.State.ACTIVE


def test_undoing_changes_nobody_else() -> None:
    changes.declare("segments", "test", [("unmerged", "*")])
    known, visitor = two_people()
    calls(identify("u9", "a9", plan="x"), now=NOW)
    other = Profile.objects.latest("id")
    before = everything(other)
    calls(identify("u1", "a2"), now=NOW)
    merge = Merge.objects.get()
    update_attributes({visitor.pk: {"plan": "late"}}, NOW, "user:1")  # an old address leads to the survivor
    unmerge(merge.pk, by=None, now=NOW)
    assert everything(other) == before
    known.refresh_from_db()
    assert known.attributes["plan"] == "late"
