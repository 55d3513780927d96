"""What is old goes, batch by batch: nothing young, nothing needed; segments look again, journeys hear nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.models import Delivery, Enrollment, StepRecord
from profiles.models import Change, Event, Forgotten, KeepRule, Membership, Profile
from profiles.segments import membership
from profiles.services import changes, retention, segments
from tests import builders

pytestmark = pytest.mark.django_db
EVER = {"type": "all", "of": [{"type": "event", "event": "Order Completed", "did": True, "count": {"op": "at_least", "n": 1}, "within": None, "where": []}]}  # fmt: skip  # noqa: E501


def did(person: Profile, name: str, at: datetime, times: int = 1) -> list[Event]:
    return Event.objects.bulk_create(
        Event(profile=person, name=name, occurred_at=at, received_at=at, message_id=uuid4()) for _ in range(times)
    )


def rule(months: int | None, name: str = "", what: str = "event") -> None:
    KeepRule.objects.create(what=what, name=name, months=months)


def names() -> dict[str, int]:
    found: dict[str, int] = {}
    for name in Event.objects.values_list("name", flat=True):
        found[name] = found.get(name, 0) + 1
    return found


def test_each_event_goes_by_its_own_rule_or_the_one_for_all(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    ann = builders.profile(email="ann@shop.example")
    for months, times in ((0.5, 2), (2, 7), (13, 4)):
        for name in ("Page Viewed", "Order Completed", "Signed Up"):
            did(ann, name, now - months * retention.MONTH, times)
    assert retention.forget_due(now) == 0  # no rule, nothing goes
    rule(12)
    rule(1, "Page Viewed")
    rule(None, "Order Completed")
    assert retention.forget_due(now) == 4 + 7 + 4
    assert names() == {"Page Viewed": 2, "Order Completed": 13, "Signed Up": 9}
    assert list(Forgotten.objects.order_by("name").values_list("name", "removed", "day")) == [
        ("Page Viewed", 11, now.date()),
        ("Signed Up", 4, now.date()),
    ]
    assert retention.forget_due(now) == 0
    assert retention.forget_due(now + retention.MONTH) == 2
    assert dict(Forgotten.objects.values_list("day", "removed").filter(name="Page Viewed")) == {
        now.date(): 11,
        (now + retention.MONTH).date(): 2,
    }


def test_segments_that_ask_for_ever_look_again_and_journeys_hear_nothing(now: datetime) -> None:
    old, both, young = (builders.profile(email=f"{name}@shop.example") for name in ("old", "both", "young"))
    did(old, "Order Completed", now - timedelta(days=400))
    did(both, "Order Completed", now - timedelta(days=400))
    did(both, "Order Completed", now - timedelta(days=4))
    did(young, "Order Completed", now - timedelta(days=4))
    segment = segments.create("Buyers", EVER)
    segments.build_all(now)
    changes.declare("journeys", "version:1", [("event", "Order Completed")])
    rule(12)
    assert retention.forget_due(now) == 2
    assert set(Change.objects.values_list("consumer", "kind", "key", "profile_id")) == {
        ("segments", "forgotten", "Order Completed", old.pk),
        ("segments", "forgotten", "Order Completed", both.pk),
    }
    membership.take(100, now)
    assert set(Membership.objects.filter(segment=segment).values_list("profile_id", flat=True)) == {both.pk, young.pk}


def test_what_somebody_inside_a_journey_came_in_by_stays(now: datetime) -> None:
    ann, bob = builders.profile(email="ann@shop.example"), builders.profile(email="bob@shop.example")
    old = now - timedelta(days=400)
    (hers,), (his,) = did(ann, "Signed Up", old), did(bob, "Signed Up", old)
    for person, event, state in ((ann, hers, 1), (bob, his, 2)):
        Enrollment.objects.create(
            journey_id=1, version_id=1, profile_id=person.pk, node_id=1, state=state, entered_at=old,
            node_entered_at=old, trigger_event_id=event.pk,
        )  # fmt: skip
    rule(12)
    assert retention.forget_due(now) == 1
    assert list(Event.objects.values_list("pk", flat=True)) == [hers.pk]
    assert retention.forget_due(now) == 0


def test_a_batch_takes_the_same_statements_for_ten_and_for_five_hundred(now: datetime) -> None:
    segments.create("Buyers", EVER)
    segments.build_all(now)
    rule(12)
    taken = []
    for many in (10, 500):
        for n in range(many // 2):
            did(builders.profile(email=f"{many}-{n}@shop.example"), "Order Completed", now - timedelta(days=400), 2)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert retention.forget_due(now) == many
        taken.append(len(asked))
    assert taken[0] == taken[1]


def test_a_stop_between_batches_loses_and_doubles_nothing(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    did(builders.profile(email="ann@shop.example"), "Signed Up", now - timedelta(days=400), 10)
    rule(12)
    left = iter([True, True, False])
    assert retention.forget_due(now, lambda: next(left)) == 6
    assert (Event.objects.count(), Forgotten.objects.get().removed) == (4, 6)

    noted = retention._note
    monkeypatch.setattr(retention, "_note", lambda *_: 1 / 0)  # as a kill within a batch: all of it or nothing
    with pytest.raises(ZeroDivisionError):
        retention.forget_due(now)
    assert (Event.objects.count(), Forgotten.objects.get().removed) == (4, 6)
    monkeypatch.setattr(retention, "_note", noted)
    assert retention.forget_due(now) == 4
    assert (Event.objects.count(), Forgotten.objects.get().removed) == (0, 10)


def test_how_messages_read_goes_and_the_messages_stay(now: datetime) -> None:
    ann, template = builders.profile(email="ann@shop.example"), builders.email_template()
    for age in (400, 390, 10):
        at = now - timedelta(days=age)
        message = builders.message(ann, template, at=at, state="sent", sent_at=at, visit=age)
        Delivery.objects.create(message=message, state="accepted", rendered={"subject": "Hi"}, at=at)
    rule(12, what="content")
    assert retention.forget_due(now) == 2
    assert [row.rendered for row in Delivery.objects.order_by("at")] == [None, None, {"subject": "Hi"}]
    assert retention.forget_due(now) == 0
    assert retention.forget_due(now + timedelta(days=400)) == 1
    assert Forgotten.objects.filter(what="content").count() == 2


def test_steps_go_but_for_those_still_inside(now: datetime) -> None:
    old, ann = now - timedelta(days=400), builders.profile(email="ann@shop.example")
    inside, done = (
        Enrollment.objects.create(
            journey_id=1, version_id=1, profile_id=ann.pk, node_id=1, state=state, entered_at=old, node_entered_at=old,
            entry_key=str(state),
        ).pk
        for state in (1, 2)
    )  # fmt: skip
    for visit, at in ((1, old), (2, now)):
        for run in (inside, done):
            StepRecord.objects.create(
                enrollment_id=run, profile_id=ann.pk, node_id=1, visit=visit, entered_at=at, left_at=at, outcome="x"
            )
    rule(12, what="steps")
    assert retention.forget_due(now) == 1
    assert StepRecord.objects.count() == 3
    Enrollment.objects.update(state=2)
    assert retention.forget_due(now) == 1
    assert list(StepRecord.objects.order_by("enrollment_id").values_list("visit", flat=True)) == [2, 2]


def test_the_page(client_as: Callable[[str], Client], now: datetime) -> None:
    did(builders.profile(email="ann@shop.example"), "Order Completed", now)
    admin = client_as("admin")
    assert 'value="Order Completed"' in admin.get("/settings/data/").content.decode()
    form = {
        "event": "24",
        "content": "6",
        "steps": "",
        "name": ["Order Completed", "Page Viewed", ""],
        "months": ["", "1", ""],
    }
    assert client_as("marketer").post("/settings/data/", form).status_code == 403
    assert admin.post("/settings/data/", form).status_code == 302
    saved = {("event", ""): 24, ("content", ""): 6, ("event", "Order Completed"): None, ("event", "Page Viewed"): 1}
    assert {(each.what, each.name): each.months for each in KeepRule.objects.all()} == saved
    wrong = admin.post("/settings/data/", {**form, "months": ["", "x", ""]})
    assert (wrong.status_code, "“Page Viewed”: say a number of months" in wrong.content.decode()) == (422, True)
    assert admin.post("/settings/data/", {"event": "24"}).status_code == 302
    assert {(each.what, each.name): each.months for each in KeepRule.objects.all()} == {("event", ""): 24}
