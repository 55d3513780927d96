"""The same event twice in one batch, by retry, in two processes at once: one enrollment, whatever the re-entry rule."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Message
from profiles.models import Event
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 25
DRAWING = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> rest
    rest: delay(amount=1, unit="days") -> done
    done: exit()
"""


def sign_ups() -> list[dict[str, Any]]:
    return [builders.tracked("Signed Up", f"u{n}") for n in range(PEOPLE)]


def work(now: datetime, calls: list[dict[str, Any]]) -> None:
    """What one web process and one worker do, on a connection of their own."""
    try:
        builders.calls(*calls, now=now)
        while inbox.take(7, now) or runner.advance(now, 7):
            pass
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("settings", "each"),
    [
        ({"reentry": "once"}, 1),
        ({"reentry": "after_end"}, 1),
        ({"reentry": "always"}, 1),
        ({"reentry": "after_end", "entry_key": "order"}, 2),  # two orders of each side by side
    ],
)
def test_one_enrollment(settings: dict[str, Any], each: int, now: datetime) -> None:
    builders.journey(DRAWING, settings=settings)
    calls = [builders.tracked("Signed Up", f"u{n}", order=order) for n in range(PEOPLE) for order in range(each)]
    with ThreadPoolExecutor(3) as pool:  # each batch has everything twice, and comes three times at once
        list(pool.map(lambda _n: work(now, calls + calls[::-1]), range(3)))
    work(now, [{**call, "sentAt": "2026-03-02T09:59:00Z"} for call in calls])  # a retry has another time of sending
    assert Event.objects.filter(name="Signed Up").count() == each * PEOPLE
    assert Enrollment.objects.count() == each * PEOPLE
    assert Message.objects.count() == each * PEOPLE


@pytest.mark.parametrize(("reentry", "enrollments"), [("once", 1), ("after_end", 1), ("always", 2)])
def test_two_events_at_the_same_moment_are_two_only_where_each_counts(
    reentry: str, enrollments: int, now: datetime
) -> None:
    builders.journey(DRAWING, settings={"reentry": reentry})
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _n: work(now, sign_ups()), range(2)))
    work(now, [])
    assert Event.objects.filter(name="Signed Up").count() == 2 * PEOPLE
    assert Enrollment.objects.count() == Message.objects.count() == enrollments * PEOPLE
