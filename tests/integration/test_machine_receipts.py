"""Opens and clicks of machines are marked, counted beside those of people, and no longer taken for a person's."""

import re
from datetime import datetime, timedelta

import pytest
from django.db.models import Sum
from django.test import Client

from journeys.contracts.provider import Receipt
from journeys.delivery import receipts
from journeys.delivery.outbox import send_due
from journeys.engine import inbox, runner
from journeys.models import Delivery, Enrollment, Message, StepRecord, Tally
from omnichannel.shared import clock
from profiles.models import Event
from tests import builders
from tests.unit.test_machines import IPHONE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
LINKS = "".join(f'<a href="https://shop.example/{n}">look</a>' for n in range(3))
DRAWING = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> read
    read: opened(send_key="mail", by_people=True, amount=1, unit="days") opened -> yes, not_opened -> no
    yes: exit(reason="Read")
    no: exit(reason="Not read")
"""


@pytest.fixture
def sent(now: datetime) -> Message:
    """A message with three links, to somebody who waits to open it; an hour has passed."""
    builders.account("sandbox")
    builders.email_template(body=f"<p>{LINKS}</p>")
    builders.journey(DRAWING)
    builders.calls(builders.identify("ann", email="ann@shop.example"), builders.tracked("Signed Up", "ann"))
    go_on(now)
    assert send_due(now) == 1
    clock.freeze(now + HOUR)
    message = Message.objects.get()
    assert message.sent_at == now
    return message


def go_on(now: datetime) -> None:
    while inbox.take(100, now) or runner.advance(now, 100):
        pass


def links(message: Message, kind: str) -> list[str]:
    page = (Delivery.objects.get(message=message).rendered or {})["html"]
    return re.findall(rf'http://[^"/]+(/t/{kind}/[^"]+)"', page)


def marks(name: str) -> list[str | None]:
    return [event.properties.get("machine") for event in Event.objects.filter(name=name).order_by("occurred_at", "id")]


def counted() -> dict[str, int]:
    rows = Tally.objects.filter(metric__in=["opened", "clicked", "human_opened", "human_clicked"])
    return {row["metric"]: row["n"] for row in rows.values("metric").annotate(n=Sum("count")) if row["n"]}


def person() -> Client:
    return Client(headers={"User-Agent": IPHONE})


def test_a_person(sent: Message, now: datetime) -> None:
    assert person().get(links(sent, "c")[0]).status_code == 302
    sent.refresh_from_db()
    at = now + HOUR
    assert (sent.opened_at, sent.clicked_at, sent.human_opened_at, sent.human_clicked_at) == (at, at, at, at)
    assert marks("Message Clicked") == marks("Message Opened") == [None]
    assert counted() == {"opened": 1, "clicked": 1, "human_opened": 1, "human_clicked": 1}


def test_a_privacy_proxy_first_and_the_person_later(sent: Message, now: datetime) -> None:
    """The open of a machine is an open, but nobody's; the person's own is counted when it comes."""
    Client(headers={"User-Agent": "Mozilla/5.0"}).get(links(sent, "o")[0])
    sent.refresh_from_db()
    assert (sent.opened_at, sent.human_opened_at) == (now + HOUR, None)
    assert counted() == {"opened": 1}
    clock.freeze(now + 2 * HOUR)
    person().get(links(sent, "c")[0])
    sent.refresh_from_db()
    assert (sent.opened_at, sent.human_opened_at) == (now + HOUR, now + 2 * HOUR)
    assert marks("Message Opened") == ["privacy", None]
    assert counted() == {"opened": 1, "clicked": 1, "human_opened": 1, "human_clicked": 1}


def test_what_looks_ahead_before_anybody_can_have_read(sent: Message, now: datetime) -> None:
    clock.freeze(now + 2 * SECOND)
    person().get(links(sent, "c")[0])
    sent.refresh_from_db()
    assert (sent.clicked_at, sent.human_clicked_at, marks("Message Clicked")) == (now + 2 * SECOND, None, ["quick"])


def test_a_look_at_the_head_alone_is_nothing(sent: Message) -> None:
    assert person().head(links(sent, "c")[0]).status_code == 302
    assert person().head(links(sent, "o")[0]).status_code == 200
    assert Event.objects.filter(kind="message").count() == 0


def test_all_links_at_once_also_unmasks_the_first(sent: Message, now: datetime) -> None:
    """Two clicks seem to be a person's until the third comes."""
    for n, link in enumerate(links(sent, "c")):
        clock.freeze(now + HOUR + 4 * n * SECOND)
        person().get(link)
        if n == 1:
            assert counted() == {"opened": 1, "clicked": 1, "human_opened": 1, "human_clicked": 1}
    sent.refresh_from_db()
    assert (sent.clicked_at, sent.human_clicked_at) == (now + HOUR, None)
    assert marks("Message Clicked") == ["links"] * 3
    assert counted() == {"opened": 1, "clicked": 1, "human_opened": 1}
    clock.freeze(now + 2 * HOUR)
    person().get(links(sent, "c")[0])
    sent.refresh_from_db()
    assert sent.human_clicked_at == now + 2 * HOUR
    assert counted() == {"opened": 1, "clicked": 1, "human_opened": 1, "human_clicked": 1}


def test_who_follows_the_link_that_nobody_sees(sent: Message, now: datetime) -> None:
    (trap,) = links(sent, "h")
    person().get(links(sent, "c")[0])
    clock.freeze(now + HOUR + 5 * SECOND)
    assert person().get(trap).status_code == 204
    sent.refresh_from_db()
    assert (sent.human_opened_at, sent.human_clicked_at, sent.probed_at) == (None, None, now + HOUR + 5 * SECOND)
    assert marks("Message Clicked") == marks("Message Opened") == ["trap"]
    assert counted() == {"opened": 1, "clicked": 1}
    clock.freeze(now + HOUR + 20 * SECOND)
    person().get(links(sent, "c")[1])
    assert marks("Message Clicked") == ["trap", "trap"]
    assert Event.objects.filter(kind="message").exclude(name__in=["Message Opened", "Message Clicked"]).count() == 0


def test_a_branch_asks_for_a_person(sent: Message, now: datetime) -> None:
    """It believes nobody for a minute: the scanner's click is taken back within it."""
    person().get(links(sent, "c")[0])
    go_on(now + HOUR)
    one = Enrollment.objects.get()
    assert (one.state, one.due_at) == (Enrollment.State.ACTIVE, now + HOUR + 60 * SECOND)
    clock.freeze(now + HOUR + 30 * SECOND)
    person().get(links(sent, "h")[0])
    go_on(now + HOUR + 60 * SECOND)
    one.refresh_from_db()
    assert (one.state, one.due_at) == (Enrollment.State.ACTIVE, now + 24 * HOUR)
    clock.freeze(now + 2 * HOUR)
    person().get(links(sent, "o")[0])
    go_on(now + 2 * HOUR)
    go_on(now + 2 * HOUR + 60 * SECOND)
    one.refresh_from_db()
    assert (one.state, one.reason) == (Enrollment.State.COMPLETED, "Read")
    assert StepRecord.objects.get(port="opened").left_at == now + 2 * HOUR


def test_a_provider_may_say_so(sent: Message, now: datetime) -> None:
    opened = Receipt("opened", now + HOUR, message_id=sent.pk, machine="provider")
    assert receipts.record([opened, opened], now + HOUR) == 2
    sent.refresh_from_db()
    assert (sent.opened_at, sent.human_opened_at) == (now + HOUR, None)
    assert marks("Message Opened") == ["provider"]


def test_many_machines_cost_no_more_statements_than_few(sent: Message, now: datetime) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    template = builders.email_template("Other")
    many = [
        builders.message(builders.profile(email=f"p{n}@shop.example"), template, state="sent", sent_at=now)
        for n in range(40)
    ]

    def asked(some: list[Message], after: timedelta) -> int:
        with CaptureQueriesContext(connection) as queries:
            at = now + after
            found = [Receipt("clicked", at, message_id=m.pk, detail="https://shop.example/") for m in some]
            receipts.record(found + [Receipt("probed", at, message_id=m.pk) for m in some], at)
        return len(queries)

    asked(many, HOUR)
    assert asked(many[:25], 2 * HOUR) == asked(many, 3 * HOUR)
