"""Messages leave through a real mail server: once, with what became of each written down."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from journeys.delivery.outbox import send_due
from journeys.models import Delivery, Enrollment, Journey, Message, Tally, Template
from profiles.models import Consent, Event, Profile, Suppression, Topic
from profiles.services import suppressions as blocking
from tests import builders
from tests.mail import Inbox, mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture(scope="module")
def server() -> Iterator[Inbox]:
    with mail_server() as inbox:
        yield inbox


@pytest.fixture
def inbox(server: Inbox, db: None) -> Inbox:
    for each in (server.taken, server.answers, server.after_data, server.drops):
        each.clear()
    settings: dict[str, Any] = {"host": server.host, "port": server.port, "security": "none"}
    builders.account("smtp", **settings, from_address="shop@shop.example", from_name="Müllers Shop")
    return server


def people(*names: str) -> list[Message]:
    template = builders.email_template()
    return [
        builders.message(builders.profile(email=f"{name}@shop.example", first_name=name.title()), template)
        for name in names
    ]


def test_a_message_arrives_as_written(inbox: Inbox, now: datetime) -> None:
    (message,) = people("ann")
    assert send_due(now) == 1
    (mail,) = inbox.mails()
    assert mail["To"] == "ann@shop.example"
    assert mail["From"] == "Müllers Shop <shop@shop.example>"
    assert mail["Subject"] == "Hello Ann"
    assert mail["Date"].datetime == now
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content() for part in mail.iter_parts())
    assert text.startswith("Hello Ann, look (https://shop.example/a?b=1&c=2)")
    assert '<p>Hello Ann, <a href="http' in html
    assert "/t/c/" in html and "/t/o/" in html and "/t/u/" in html
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.attempts) == ("sent", now, 1)
    assert (message.address, message.claimed_by) == ("ann@shop.example", None)
    delivery = Delivery.objects.get()
    assert (delivery.state, (delivery.rendered or {})["subject"]) == ("accepted", "Hello Ann")
    assert list(Tally.objects.values_list("metric", "count")) == [("sent", 1)]
    assert send_due(now) == 0


def test_refusals_for_now_and_for_good(inbox: Inbox, now: datetime) -> None:
    busy, dead, spam, fine = people("busy", "dead", "spam", "fine")
    inbox.answers["busy@shop.example"] = "450 4.2.1 try later"
    inbox.answers["dead@shop.example"] = "550 5.1.1 no such user"
    inbox.after_data["spam@shop.example"] = "554 5.7.1 looks like spam"
    assert send_due(now) == 4
    assert inbox.addresses == ["fine@shop.example"]
    for message in (busy, dead, spam, fine):
        message.refresh_from_db()
    assert (busy.state, busy.reason) == ("pending", "450 4.2.1 try later")
    assert timedelta(seconds=24) <= busy.due_at - now <= timedelta(seconds=36)
    assert (dead.state, dead.reason, dead.bounced_at) == ("failed", "550 5.1.1 no such user", now)
    assert (spam.state, spam.bounced_at) == ("failed", None)
    assert fine.state == "sent"
    assert list(Suppression.objects.values_list("kind", "address")) == [("email", "dead@shop.example")]
    bounced = Event.objects.get(name="Message Bounced")
    assert (bounced.profile_id, bounced.properties["message"]) == (dead.profile_id, dead.pk)
    assert dict(Tally.objects.values_list("metric", "count")) == {"failed_send": 2, "sent": 1, "bounced": 1}
    del inbox.answers["busy@shop.example"]
    assert send_due(now) == 0
    assert send_due(now + timedelta(minutes=1)) == 1
    assert inbox.addresses == ["fine@shop.example", "busy@shop.example"]


def test_lost_connections(inbox: Inbox, now: datetime) -> None:
    before, between, after = people("before", "between", "after")
    inbox.drops.update({"before@shop.example": "rcpt", "between@shop.example": "dot"})
    assert send_due(now) == 3
    # Before the final dot nothing can have been taken: it is offered again at once. After it, nobody knows.
    assert inbox.addresses == ["before@shop.example", "between@shop.example", "after@shop.example"]
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {before.pk: "sent", between.pk: "unknown", after.pk: "sent"}
    assert send_due(now + timedelta(days=1)) == 0


def test_a_server_that_is_down_costs_nobody_an_attempt(inbox: Inbox, now: datetime, valkey: Any) -> None:
    account = builders.account("smtp", host="127.0.0.1", port=1, security="none", from_address="a@shop.example")
    first, _ = people("ann", "bob")
    assert send_due(now) == 2
    first.refresh_from_db()
    account.refresh_from_db()
    assert (first.state, first.attempts, first.due_at) == ("pending", 0, now + timedelta(seconds=30))
    assert account.error == "127.0.0.1:1 refuses the connection."
    assert Delivery.objects.count() == 0
    later = now + timedelta(minutes=1)
    assert send_due(later) == 0  # the account rests
    builders.account("smtp", host=inbox.host, port=inbox.port, security="none", from_address="a@shop.example")
    assert send_due(later) == 2
    assert sorted(inbox.addresses) == ["ann@shop.example", "bob@shop.example"]


def test_policy_decides_with_facts_of_the_moment(inbox: Inbox, now: datetime) -> None:
    yes, no, blocked, none, odd = people("yes", "no", "blocked", "none", "odd")
    topic = Topic.objects.create(slug="offers", name="Offers")
    Message.objects.update(topic_id=topic.pk)
    Consent.objects.create(profile_id=no.profile_id, topic=topic, subscribed=True, source="form", at=now)
    later = now + timedelta(seconds=1)
    Consent.objects.create(
        profile_id=no.profile_id, topic=topic, channel="email", subscribed=False, source="x", at=later
    )
    Suppression.objects.create(kind="email", address="blocked@shop.example", reason="complained", at=now)
    builders.Profile.objects.filter(pk=none.profile_id).update(attributes={})
    builders.Profile.objects.filter(pk=odd.profile_id).update(attributes={"email": "odd"})
    assert send_due(now) == 5
    assert inbox.addresses == ["yes@shop.example"]
    reasons = dict(Message.objects.exclude(state="sent").values_list("pk", "reason"))
    assert reasons == {
        no.pk: "unsubscribed",
        blocked.pk: "suppressed",
        none.pk: "no_address",
        odd.pk: "bad_address",
    }
    metrics = dict(Tally.objects.values_list("metric", "count"))
    assert metrics == {"sent": 1, **{f"skipped:{reason}": 1 for reason in reasons.values()}}
    yes.refresh_from_db()
    assert yes.state == "sent"


def test_an_address_blocked_by_hand_is_blocked_however_it_is_spelt(now: datetime) -> None:
    builders.account("sandbox")
    builders.account("sandbox", "sms")
    blocking.block(["Ann@Müller.example", "0049 170 1234567"], now)
    mail, text = builders.email_template(), builders.template("Text", "sms")
    people = [({"email": "ann@müller.example"}, mail), ({"phone": "+49 (170) 1234567"}, text)]
    people.append(({"phone": "0049 170 1234567"}, text))
    messages = [builders.message(builders.profile(**attributes), template) for attributes, template in people]
    while send_due(now):
        pass
    found = Message.objects.filter(pk__in=[one.pk for one in messages])
    assert set(found.values_list("state", "reason")) == {("skipped", "suppressed")}


def test_statements_do_not_grow_with_the_batch(now: datetime) -> None:
    builders.account("sandbox")
    builders.account("sandbox", "sms")

    def statements(*names: str) -> int:
        template = builders.email_template(names[0])
        for name in names:
            builders.message(builders.profile(email=f"{name}@shop.example"), template)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert send_due(now) == len(names)
        return len(captured)

    statements("warm")
    assert statements("one") == statements(*(f"p{n}" for n in range(50)))


def test_the_pace_of_an_account_is_kept(now: datetime) -> None:
    account = builders.account("sandbox")
    builders.account("sandbox", "sms")
    account.per_second = 3
    account.save()
    people(*(f"p{n}" for n in range(5)))
    assert send_due(now) == 3
    assert Message.objects.filter(state="pending").count() == 2


def test_content_that_cannot_be_filled_fails_alone(inbox: Inbox, now: datetime) -> None:
    template = builders.email_template(subject="{{ 10 | divided_by: age }}")
    bad = builders.message(builders.profile(email="bad@shop.example", age=0), template)
    builders.message(builders.profile(email="good@shop.example", age=5), template)
    assert send_due(now) == 2
    bad.refresh_from_db()
    assert (bad.state, bad.reason) == ("failed", "Subject, line 1: divided_by: can't divide by 0.")
    assert [mail["Subject"] for mail in inbox.mails()] == ["2"]


def test_a_wrong_password_stops_the_account_and_not_the_messages(now: datetime) -> None:
    with mail_server(password="right") as inbox:
        login: dict[str, Any] = {"host": inbox.host, "port": inbox.port, "security": "none", "user": "shop"}
        account = builders.account("smtp", **login, password="wrong", from_address="a@shop.example")
        (message,) = people("ann")
        assert send_due(now) == 1
        message.refresh_from_db()
        account.refresh_from_db()
        assert (message.state, message.attempts) == ("pending", 0)
        assert account.error.startswith("The server does not accept the user or password")
        builders.account("smtp", **login, password="right", from_address="a@shop.example")
        assert send_due(message.due_at) == 1
        assert inbox.addresses == ["ann@shop.example"]


def test_a_paused_journey_keeps_its_messages(now: datetime) -> None:
    builders.account("sandbox")
    journey = Journey.objects.create(name="Welcome", state="paused")
    (message,) = people("ann")
    Message.objects.update(journey_id=journey.pk)
    assert send_due(now) == 0
    Journey.objects.update(state="live")
    assert send_due(now) == 1
    message.refresh_from_db()
    assert message.state == "sent"


def test_who_was_taken_out_gets_nothing_and_who_came_to_the_end_does(now: datetime) -> None:
    builders.account("sandbox")
    out, done = people("out", "done")
    for message, state in ((out, Enrollment.State.EXITED), (done, Enrollment.State.COMPLETED)):
        row = Enrollment.objects.create(
            journey_id=1, version_id=1, profile_id=message.profile_id, node_id=1, state=state,
            entered_at=now, node_entered_at=now, reason="Reached the goal",
        )  # fmt: skip
        Message.objects.filter(pk=message.pk).update(enrollment_id=row.pk)
    assert send_due(now) == 2
    assert dict(Message.objects.values_list("pk", "state")) == {out.pk: "skipped", done.pk: "sent"}


def test_after_a_merge_the_kept_profile_is_written_to(now: datetime) -> None:
    builders.account("sandbox")
    (message,) = people("ann")
    kept = builders.profile(email="kept@shop.example", first_name="Kept")
    Profile.objects.filter(pk=message.profile_id).update(merged_into=kept, attributes={})
    assert send_due(now) == 1
    message.refresh_from_db()
    assert (message.profile_id, message.address) == (kept.pk, "kept@shop.example")


def test_an_account_that_fails_does_not_hold_up_the_other_channels(now: datetime) -> None:
    builders.account("smtp", host="127.0.0.1", port=9, security="none")  # nobody has said who writes
    builders.account("sandbox", "sms")
    person = builders.profile(email="ann@shop.example", phone="+491511234567")
    by_mail = builders.message(person, builders.email_template())
    text = Template.objects.create(name="Text", channel="sms", content={"body": "Hello"})
    by_sms = builders.message(person, text, visit=2)
    assert send_due(now) == 1
    by_mail.refresh_from_db()
    by_sms.refresh_from_db()
    assert (by_mail.state, by_sms.state) == ("sending", "sent")
