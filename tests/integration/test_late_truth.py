"""An open after the "not opened" branch is noted; where wanted, what that way has not sent yet is dropped."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from journeys.contracts.provider import Receipt
from journeys.delivery import receipts
from journeys.delivery.outbox import send_due
from journeys.engine import graph, inbox, runner
from journeys.models import Enrollment, Journey, LateTruth, Message, Tally
from journeys.services import drafts, lifecycle
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# The reminder and what follows it lie on the way of those who did not open; the last letter on both.
DRAWING = """
    start: entry_event(event="Signed Up") -> first
    first: send(template="First") -> read
    read: opened(send_key="first", late="{late}", by_people={by_people}) opened -> thanks, not_opened -> reminder
    reminder: send(template="Reminder") -> rest
    rest: delay(amount=1, unit="days") -> again
    again: send(template="Again") -> last
    thanks: delay(amount=3, unit="days") -> last
    last: send(template="Last") -> done
    done: exit()
"""


def drawn(late: str = "cancel", by_people: bool = False) -> Journey:
    builders.account("sandbox")
    return builders.journey(DRAWING.format(late=late, by_people=by_people))


def sign_up() -> None:
    builders.calls(builders.identify("ann", email="ann@shop.example"), builders.tracked("Signed Up", "ann"))


def go_on(now: datetime, *, send: bool = True) -> None:
    while inbox.take(100, now) or runner.advance(now, 100):
        pass
    while send and send_due(now):
        pass


def opens(now: datetime, name: str = "First", **more: Any) -> None:
    message = Message.objects.get(template_id=builders.template(name).pk)
    receipts.record([Receipt("opened", now, message_id=message.pk, **more)], now)
    go_on(now, send=False)


def became() -> dict[str, tuple[str, str]]:
    names = {builders.template(name).pk: name for name in ("First", "Reminder", "Again", "Last")}
    return {names[m.template_id]: (m.state, m.reason) for m in Message.objects.order_by("id")}


def noted() -> list[tuple[str, int, datetime]]:
    keys = graph.load(Journey.objects.get().live_id or 0).nodes
    return [(keys[one.node_id].key, one.visit, one.at) for one in LateTruth.objects.order_by("visit")]


def late_tally() -> int:
    return sum(Tally.objects.filter(metric="late").values_list("count", flat=True))


SENT, DROPPED = ("sent", ""), ("skipped", "overtaken")


def test_what_waits_and_what_would_come_is_dropped_and_what_both_ways_send_is_not(now: datetime) -> None:
    drawn()
    sign_up()
    go_on(now)
    go_on(now + DAY, send=False)  # quiet hours, a slow provider: the reminder has not left
    assert became() == {"First": SENT, "Reminder": ("pending", "")}
    opens(now + DAY + HOUR)
    assert noted() == [("read", 3, now + DAY + HOUR)]
    go_on(now + DAY + HOUR)
    go_on(now + 2 * DAY)
    assert became() == {"First": SENT, "Reminder": DROPPED, "Again": DROPPED, "Last": SENT}
    assert Enrollment.objects.get().state == Enrollment.State.COMPLETED
    assert late_tally() == 1


def test_what_has_left_has_left(now: datetime) -> None:
    drawn()
    sign_up()
    go_on(now)
    go_on(now + DAY)
    opens(now + DAY + HOUR)
    opens(now + DAY + 2 * HOUR)  # the first one counts
    go_on(now + 2 * DAY)
    assert became() == {"First": SENT, "Reminder": SENT, "Again": DROPPED, "Last": SENT}
    assert (noted(), late_tally()) == ([("read", 3, now + DAY + HOUR)], 1)


def test_only_noted_where_nothing_else_is_chosen(now: datetime) -> None:
    drawn("note")
    sign_up()
    go_on(now)
    go_on(now + DAY)
    opens(now + DAY + HOUR)
    go_on(now + 2 * DAY)
    assert became() == {"First": SENT, "Reminder": SENT, "Again": SENT, "Last": SENT}
    assert noted() == [("read", 3, now + DAY + HOUR)]


def test_in_time_is_not_late_and_another_message_is_another_matter(now: datetime) -> None:
    drawn()
    sign_up()
    go_on(now)
    opens(now + HOUR)
    opens(now + 2 * HOUR)
    go_on(now + 4 * DAY)
    assert (noted(), became()) == ([], {"First": SENT, "Last": SENT})
    opens(now + 5 * DAY, "Last")
    assert noted() == []


def test_a_machine_that_comes_late_changes_nothing_for_who_asked_for_a_person(now: datetime) -> None:
    drawn(by_people=True)
    sign_up()
    go_on(now)
    go_on(now + DAY)
    opens(now + DAY + HOUR, machine="agent")
    assert noted() == []
    opens(now + DAY + 2 * HOUR)
    assert noted() == [("read", 3, now + DAY + 2 * HOUR)]


def test_after_the_end_it_is_still_noted_and_also_by_a_version_that_was_replaced(now: datetime) -> None:
    journey = drawn()
    sign_up()
    go_on(now)
    go_on(now + DAY)
    drafts.start_draft(journey, None)
    lifecycle.publish(journey, None, now + DAY)
    go_on(now + 2 * DAY)
    assert Enrollment.objects.get().state == Enrollment.State.COMPLETED
    opens(now + 3 * DAY)
    assert late_tally() == 1
