"""The demo shop: everything on the screens agrees with everything else, because it was lived through."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F, Sum

from journeys.demo import load, simulate
from journeys.demo.people import make_people
from journeys.demo.responses import awaiting, fate, receipts
from journeys.models import Delivery, Enrollment, Journey, Message, StepRecord, Tally, Template
from journeys.services.compact import compact_tallies
from journeys.services.tally import Bump, bump
from omnichannel.accounts.models import Workspace
from omnichannel.shared import clock
from profiles.models import Change, Event, Identity, Membership, Profile, Segment
from profiles.segments import compiler
from profiles.segments.ast import parse
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Any:
    """A small shop, loaded once for the tests of this file and thrown away."""
    from django.db import transaction

    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        load.load(NOW, size=160)
        clock.freeze(NOW)
        yield
        clock.freeze(None)
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def in_the_shop(shop: None) -> Any:
    clock.freeze(NOW)
    yield
    clock.freeze(None)


def tallied(metric: str, **where: Any) -> int:
    return Tally.objects.filter(metric=metric, **where).aggregate(n=Sum("count"))["n"] or 0


def test_the_numbers_of_the_report_are_the_numbers_of_the_rows() -> None:
    for journey in Journey.objects.all():
        own = Enrollment.objects.filter(journey_id=journey.pk)
        states = Counter(own.values_list("state", flat=True))
        assert tallied("started", journey_id=journey.pk) == own.count() > 0
        assert tallied("completed", journey_id=journey.pk) == states[Enrollment.State.COMPLETED]
        assert tallied("exited", journey_id=journey.pk) == states[Enrollment.State.EXITED]
        assert tallied("failed", journey_id=journey.pk) == states[Enrollment.State.FAILED] == 0
        assert tallied("converted", journey_id=journey.pk) == own.filter(converted_at__isnull=False).count()
        sent = Message.objects.filter(journey_id=journey.pk, state="sent")
        assert tallied("sent", journey_id=journey.pk) == sent.count()
        for metric in ("delivered", "opened", "clicked", "unsubscribed", "complained"):
            told = sent.filter(**{f"{metric}_at__isnull": False}).count()
            assert tallied(metric, journey_id=journey.pk) == told


def test_who_came_and_did_not_leave_stands_at_the_card() -> None:
    inside = dict(Enrollment.objects.filter(state=1).values_list("node_id").annotate(n=Count("id")))
    moved: Counter[int] = Counter()
    for node, metric, count in Tally.objects.filter(metric__in=("entered", "left")).values_list(
        "node_id", "metric", "count"
    ):
        moved[node] += count if metric == "entered" else -count
    assert {node: left for node, left in moved.items() if left} == inside
    assert StepRecord.objects.count() == tallied("left")


def test_every_answer_of_a_message_is_an_event_of_its_person() -> None:
    events = {
        (name, person, properties["message"])
        for name, person, properties in Event.objects.filter(kind="message").values_list(
            "name", "profile_id", "properties"
        )
    }
    for field, name in (("opened_at", "Message Opened"), ("clicked_at", "Message Clicked")):
        answered = Message.objects.filter(**{f"{field}__isnull": False}).values_list("profile_id", "id")
        assert len(answered) > 10
        assert {(name, *row) for row in answered} == {one for one in events if one[0] == name}


def test_each_sent_message_was_delivered_once_and_recent_ones_can_be_read() -> None:
    sent = Message.objects.filter(state="sent")
    assert Delivery.objects.count() == sent.count()
    assert not Message.objects.exclude(state__in=("sent", "skipped")).exists()
    kept = Delivery.objects.filter(at__gte=NOW - load.KEEP_COPIES)
    assert kept.count() > 0
    assert not kept.filter(rendered=None).exists()
    assert not Delivery.objects.filter(at__lt=NOW - load.KEEP_COPIES, rendered__isnull=False).exists()
    letter = kept.filter(message__channel="email").latest("at").rendered
    assert "fernweg.example" in letter["text"] or "/t/c/" in letter["text"]


def test_people_wait_at_different_cards_for_what_is_still_to_come() -> None:
    active = Enrollment.objects.filter(state=1)
    assert active.values("journey_id").distinct().count() == 3
    assert active.values("node_id").distinct().count() >= 4
    assert not active.filter(due_at__lte=NOW).exists()
    assert active.filter(due_at__gt=NOW).count() > 5
    assert not Change.objects.exists()


def test_nothing_happens_later_than_now_or_before_its_person() -> None:
    assert not Event.objects.filter(occurred_at__gt=NOW).exists()
    assert not Message.objects.filter(opened_at__gt=NOW).exists()
    assert not Message.objects.filter(opened_at__lt=F("sent_at")).exists()
    assert not Message.objects.filter(clicked_at__lt=F("opened_at")).exists()
    assert Event.objects.earliest("occurred_at").occurred_at > NOW - load.PAST - timedelta(days=1)


def test_segments_hold_exactly_those_who_match() -> None:
    assert Segment.objects.count() == 6
    for segment in Segment.objects.all():
        members = set(Membership.objects.filter(segment=segment).values_list("profile_id", flat=True))
        assert members == set(compiler.ids(parse(segment.condition), NOW)), segment.name
        assert segment.size == len(members)
        assert segment.state == Segment.State.LIVE


def test_orders_add_up() -> None:
    orders = Event.objects.filter(name="Order Completed").values_list("properties", flat=True)
    assert len(orders) > 20
    for order in orders:
        goods = sum(line["price"] * line["quantity"] for line in order["products"])
        assert order["total"] == pytest.approx(goods + order["shipping"])
        assert order["currency"] == "EUR"


def test_content_is_there_and_fills_for_everybody() -> None:
    assert Template.objects.filter(channel="email").count() == 10
    assert Template.objects.filter(channel="sms").count() == 2
    assert Profile.objects.count() == 160
    assert Identity.objects.filter(kind="user_id").count() == 160
    assert len(set(Profile.objects.values_list("attributes__country", flat=True))) >= 5


def test_loading_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo")
    assert Profile.objects.count() == 160
    with pytest.raises(load.AlreadyLoadedError):
        load.load(NOW)


def test_compaction_keeps_every_sum() -> None:
    past, lately = NOW - timedelta(hours=5), NOW - timedelta(minutes=10)
    for at in (past, past, past, lately, lately):
        bump([Bump(1, 1, 10**9, "sent", 2, "email"), Bump(1, 1, 10**9, "opened", 1, "email")], at)
    noon = datetime(2026, 2, 20, 12, tzinfo=Workspace.get().zone)
    for at in (noon - timedelta(hours=12), noon + timedelta(hours=11, minutes=45), noon + timedelta(hours=12)):
        bump([Bump(1, 1, 10**9, "clicked", 1, "email")], at)
    before, rows = sums(), Tally.objects.count()
    assert compact_tallies(NOW) >= 2
    assert sums() == before
    own = Tally.objects.filter(node_id=10**9)
    clicked = own.filter(metric="clicked").order_by("quarter").values_list("quarter", "count")
    assert list(clicked) == [(noon, 2), (noon + timedelta(days=1), 1)]
    own = own.exclude(metric="clicked")
    assert sorted(own.filter(quarter__lt=NOW - timedelta(hours=2)).values_list("metric", "count")) == [
        ("opened", 3),
        ("sent", 6),
    ]
    assert own.filter(quarter__gt=NOW - timedelta(hours=2)).count() == 4
    assert Tally.objects.count() <= rows - 4
    assert compact_tallies(NOW) == 0


def sums() -> dict[Any, int]:
    """By day, as reports ask."""
    zone, found = Workspace.get().zone, Counter[Any]()
    by = ("journey_id", "version_id", "node_id", "metric", "channel")
    for *counter, quarter, count in Tally.objects.values_list(*by, "quarter", "count"):
        found[*counter, quarter.astimezone(zone).date()] += count
    return found


def test_simulated_customers_answer_only_while_the_switch_is_on() -> None:
    Workspace.objects.filter(pk=1).update(simulation_on=False)
    assert simulate.turn(NOW + timedelta(days=1)) == 0
    Workspace.objects.filter(pk=1).update(simulation_on=True)
    later = NOW + timedelta(hours=20)
    people = {person.profile_id: person for person in simulate._known({m.profile_id for m in awaiting(later)})}
    will_open = {
        message.pk
        for message in awaiting(later)
        for person in [people.get(message.profile_id)]
        for receipt in (receipts(message, fate(message, person), person) if person else ())
        if receipt.kind in ("opened", "clicked") and not receipt.machine and receipt.at <= later
    } - set(by_people("human_opened_at"))
    opened = len(by_people("human_opened_at"))
    assert simulate.turn(later) >= len(will_open) > 0
    assert len(by_people("human_opened_at")) == opened + len(will_open)
    told = Event.objects.filter(name="Message Opened").exclude(properties__has_key="machine")
    assert told.count() == opened + len(will_open)


def by_people(field: str) -> list[int]:
    return list(Message.objects.filter(**{f"{field}__isnull": False}).values_list("id", flat=True))


def replies(message: Message) -> bool:
    """Whether its fate is to have been answered by now; of a text it is the same whoever got it."""
    at = fate(message, make_people(1, NOW, random.Random(1))[0]).replies
    return at is not None and at <= NOW


def test_machines_open_and_click_too_and_can_be_told_from_people() -> None:
    for kind in ("opened", "clicked"):
        everything, people = tallied(kind), tallied(f"human_{kind}")
        assert 0 < people < everything
        assert (everything, people) == (len(by_people(f"{kind}_at")), len(by_people(f"human_{kind}_at")))
    answered = [one.pk for one in Message.objects.filter(channel="sms", state="sent") if replies(one)]
    assert sorted(by_people("replied_at")) == sorted(answered)
    assert tallied("replied", channel="sms") == tallied("replied") == len(answered)
    machine = Message.objects.filter(opened_at__isnull=False, human_opened_at=None).latest("id")
    assert machine.opened_at is not None
    assert machine.sent_at is not None
    assert machine.opened_at - machine.sent_at < timedelta(minutes=5)


def test_strangers_are_left_alone_by_the_simulation(now: datetime) -> None:
    person = Profile.objects.create(attributes={"email": "real@person.example"}, created_at=NOW, updated_at=NOW)
    known = Message.objects.filter(state="sent", channel="email").latest("id")
    stranger = Message.objects.create(
        profile_id=person.pk, template_id=known.template_id, channel="email", state="sent", enrollment_id=10**9,
        node_id=known.node_id, journey_id=known.journey_id, version_id=known.version_id,
        created_at=NOW, due_at=NOW, sent_at=NOW,
    )  # fmt: skip
    for hours in range(1, 60, 6):
        simulate.answer(NOW + timedelta(hours=hours), simulate.random.Random(1))
    stranger.refresh_from_db()
    assert stranger.opened_at is None
    assert Event.objects.filter(profile=person).count() == 0


def test_the_clock_carries_the_answers_of_the_time_in_between(settings: Any) -> None:
    clock.freeze(None)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM shared_clockoffset")
    begun, looked = datetime.now(UTC), Event.objects.filter(name="Page Viewed").count()
    arrived = simulate.travel(timedelta(days=1))
    assert Event.objects.filter(name="Page Viewed").count() > looked + 20
    assert not Event.objects.filter(occurred_at__gt=arrived).exists()
    assert timedelta(hours=23, minutes=59) < arrived - begun < timedelta(days=1, minutes=1)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM shared_clockoffset")
