"""Forgetting is killed with SIGKILL within a batch and between two: each is whole, and the next run ends the work."""

import signal
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from journeys.models import Delivery, StepRecord
from profiles.models import Change, Event, Forgotten, KeepRule, Membership
from profiles.segments import membership
from profiles.services import retention, segments
from tests import builders, processes
from tests.crash.retention_worker import BATCH

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

PEOPLE = 12
OLD = 3 * PEOPLE
PATIENCE = 60
BOUGHT = {"type": "event", "event": "Order Completed", "did": True, "count": {"op": "at_least", "n": 1}, "within": None, "where": []}  # fmt: skip  # noqa: E501


def forget(env: dict[str, str], now: datetime, failpoint: str = "") -> int:
    """Let a process forget until it is done or dead."""
    return processes.start(env, "tests.crash.retention_worker", now, failpoint=failpoint).wait(PATIENCE)


def fill(now: datetime) -> list[int]:
    """Old things of everybody, and for every other one an order that is young. Who has the young one."""
    old, young, template = now - timedelta(days=400), now - timedelta(days=4), builders.email_template()
    people = [builders.profile(email=f"p{n}@shop.example") for n in range(PEOPLE)]
    for visit, at in enumerate((old, old, old, young)):
        for n, person in enumerate(people):
            if at == old or n % 2:
                Event.objects.create(
                    profile=person, name="Order Completed", occurred_at=at, received_at=at, message_id=uuid4()
                )
            StepRecord.objects.create(
                enrollment_id=n + 1, profile_id=person.pk, node_id=1, visit=visit, entered_at=at, left_at=at, outcome=""
            )  # fmt: skip
            message = builders.message(person, template, at=at, state="sent", sent_at=at, visit=visit)
            Delivery.objects.create(message=message, state="accepted", rendered={"subject": "Hi"}, at=at)
    return [person.pk for person in people[1::2]]


def left() -> dict[str, int]:
    """What is old and still there."""
    return {
        "event": Event.objects.count() - PEOPLE // 2,
        "steps": StepRecord.objects.count() - PEOPLE,
        "content": Delivery.objects.filter(rendered__isnull=False).count() - PEOPLE,
    }


def noted() -> dict[str, int]:
    """What the page says is gone."""
    found = dict.fromkeys(("event", "steps", "content"), 0)
    return found | {row.what: row.removed for row in Forgotten.objects.all()}


def test_killed_within_a_batch_and_between_two(process_env: dict[str, str], now: datetime) -> None:
    stay = fill(now)
    segment = segments.create("Bought ever", BOUGHT)
    segments.build_all(now)
    Change.objects.all().delete()
    for what in ("event", "steps", "content"):
        KeepRule.objects.create(what=what, months=12)
    young = set(Event.objects.filter(occurred_at__gt=now - timedelta(days=30)).values_list("pk", flat=True))
    # Messages, then steps, then events: 36 of each in batches of 7. A rule with nothing left passes the points once.
    for failpoint, gone in (
        ("retention.forgotten:1", 0),
        ("retention.committed:2", 2 * BATCH),
        ("retention.forgotten:9", OLD + 4 * BATCH),
        ("retention.committed:4", OLD + OLD + BATCH),
        ("retention.forgotten:4", OLD + OLD + 2 * BATCH),
    ):
        assert forget(process_env, now, failpoint) == -signal.SIGKILL, failpoint
        kept, told = left(), noted()
        assert {what: OLD - kept[what] for what in kept} == told, failpoint  # a batch and its line: both or neither
        assert sum(told.values()) == gone, failpoint
        assert set(Change.objects.values_list("kind", flat=True)) <= {"forgotten"}
    assert forget(process_env, now) == 0
    assert left() == dict.fromkeys(("event", "steps", "content"), 0)
    assert noted() == dict.fromkeys(("event", "steps", "content"), OLD)
    assert set(Event.objects.values_list("pk", flat=True)) == young
    membership.take(100, now)
    assert set(Membership.objects.filter(segment=segment).values_list("profile_id", flat=True)) == set(stay)
    assert retention.forget_due(now) == 0
