"""What customers do with a message: open, click, unsubscribe; and what nobody can do with a made-up link."""

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from journeys.contracts.provider import Receipt
from journeys.delivery import receipts, tokens
from journeys.delivery.outbox import send_due
from journeys.models import Delivery, Message, Tally
from profiles.models import Consent, Event, Suppression, Topic
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def sent(now: datetime) -> Message:
    """A message that has been sent to Ann through the sandbox."""
    builders.account("sandbox")
    topic = Topic.objects.create(slug="offers", name="Offers")
    person = builders.profile(email="ann@shop.example", first_name="Ann")
    message = builders.message(person, builders.email_template(), topic_id=topic.pk)
    assert send_due(now) == 1
    message.refresh_from_db()
    assert (message.state, message.delivered_at) == ("sent", now)
    return message


def link(message: Message, kind: str) -> str:
    """The path of the first link of this kind in what was sent."""
    page = (Delivery.objects.get(message=message).rendered or {})["html"]
    found = re.search(rf'http://[^"/]+(/t/{kind}/[^"]+)"', page)
    assert found
    return found[1]


def tallies() -> dict[str, int]:
    return {metric: count for metric, count in Tally.objects.values_list("metric", "count") if metric != "sent"}


def test_every_open_is_an_event_and_the_first_is_counted(sent: Message, now: datetime, client: Client) -> None:
    response = client.get(link(sent, "o"))
    assert (response.status_code, response["Content-Type"], response.content[:6]) == (200, "image/gif", b"GIF89a")
    assert "no-store" in response["Cache-Control"]
    client.get(link(sent, "o"))  # within the same second: the same open
    sent.refresh_from_db()
    assert sent.opened_at == now
    event = Event.objects.get(name="Message Opened")
    assert (event.kind, event.profile_id, event.occurred_at) == ("message", sent.profile_id, now)
    assert event.properties == {
        "channel": "email",
        "message": sent.pk,
        "journey": 1,
        "journey_name": "",
        "node": "",
        "template": sent.template_id,
        "template_name": "Welcome",
        "machine": "agent",  # the client of the tests does not say what it is
    }
    assert tallies() == {"delivered": 1, "opened": 1}


def test_a_click_leads_where_the_marketer_wrote_and_is_an_open(sent: Message, now: datetime, client: Client) -> None:
    response = client.get(link(sent, "c"))
    assert (response.status_code, response["Location"]) == (302, "https://shop.example/a?b=1&c=2")
    sent.refresh_from_db()
    assert (sent.clicked_at, sent.opened_at) == (now, now)
    assert Event.objects.get(name="Message Clicked").properties["url"] == "https://shop.example/a?b=1&c=2"
    assert Event.objects.filter(name="Message Opened").count() == 1
    assert tallies() == {"delivered": 1, "opened": 1, "clicked": 1}


@pytest.mark.parametrize(
    "path",
    [
        "/t/c/AAAA",
        "/t/c/" + "A" * 60,
        "/t/o/nonsense.gif",
        "/t/u/%00",
        "/t/u/" + "é",
    ],
)
def test_made_up_links_end_on_a_plain_page(path: str, client: Client, db: None) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert b"This link does not work" in response.content
    assert client.get("/t/c/https:%2F%2Fevil.example").status_code == 404
    assert Event.objects.count() == 0


def test_a_changed_token_is_refused_wherever_it_is_changed(sent: Message, client: Client) -> None:
    prefix, token = link(sent, "c").rsplit("/", 1)
    for at in range(0, len(token), 7):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert client.get(f"{prefix}/{changed}").status_code == 404
    # A signature is for one purpose only.
    assert client.get(f"/t/u/{token}").status_code == 404
    assert Event.objects.count() == 0


def test_unsubscribing_takes_a_post(sent: Message, now: datetime, client: Client) -> None:
    path = link(sent, "u")
    assert b"Unsubscribe?" in client.get(path).content
    assert Consent.objects.count() == 0
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert (response.status_code, b"You are unsubscribed" in response.content) == (200, True)
    consent = Consent.objects.get()
    assert (consent.profile_id, consent.topic.slug, consent.channel) == (sent.profile_id, "offers", "email")
    assert (consent.subscribed, consent.source, consent.at) == (False, "one-click", now)
    sent.refresh_from_db()
    assert sent.unsubscribed_at == now
    assert Event.objects.filter(name="Message Unsubscribed").count() == 1
    assert tallies()["unsubscribed"] == 1
    person = builders.Profile.objects.get()
    again = builders.message(person, builders.email_template("Second"), topic_id=sent.topic_id, visit=2)
    assert send_due(now) == 1
    again.refresh_from_db()
    assert (again.state, again.reason) == ("skipped", "unsubscribed")


def test_preferences_are_kept_per_topic(sent: Message, client: Client) -> None:
    news = Topic.objects.create(slug="news", name="News", default_subscribed=False)
    page = client.post(link(sent, "u"), {"topics": "1", "on": [str(news.pk)]}).content.decode()
    assert "Saved" in page
    answers = dict(Consent.objects.values_list("topic__slug", "subscribed"))
    assert answers == {"offers": False, "news": True, "marketing": False}


def test_choices_made_in_a_test_e_mail_are_nobodys(sent: Message, client: Client) -> None:
    """It went to the marketer who tried it, filled for a customer or for nobody."""
    for profile in (sent.profile_id, 0):
        Message.objects.filter(pk=sent.pk).update(enrollment_id=None, profile_id=profile)
        answer = client.post(link(sent, "u"), {"topics": "1"})
        assert (answer.status_code, b"Saved" in answer.content) == (200, True)
        assert client.post(link(sent, "u"), {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert Consent.objects.count() == 0


def test_a_permanent_bounce_blocks_the_address_and_a_soft_one_does_not(sent: Message, now: datetime) -> None:
    receipts.record([Receipt("bounced", now, message_id=sent.pk, detail="full")], now)
    assert Suppression.objects.count() == 0
    bounce = Receipt("bounced", now, message_id=sent.pk, detail="gone", permanent=True)
    assert receipts.record([bounce, bounce], now) == 2
    assert list(Suppression.objects.values_list("kind", "address", "reason")) == [("email", "ann@shop.example", "gone")]
    assert Event.objects.filter(name="Message Bounced").count() == 2  # the soft one and the hard one


def test_a_batch_of_receipts_takes_a_fixed_number_of_statements(
    now: datetime, django_assert_max_num_queries: Any
) -> None:
    builders.account("sandbox")
    template = builders.email_template()
    many = [builders.message(builders.profile(email=f"p{n}@shop.example"), template) for n in range(40)]
    assert send_due(now) == 40
    with django_assert_max_num_queries(16):
        assert receipts.record([Receipt("opened", now, message_id=m.pk) for m in many], now) == 40
    assert tallies() == {"delivered": 40, "opened": 40}


def test_receipts_about_strangers_are_left_out(now: datetime, db: None) -> None:
    found = [Receipt("opened", now, message_id=999), Receipt("delivered", now, provider_message_id="theirs")]
    assert receipts.record(found, now) == 0


def test_tokens_carry_what_they_were_made_with() -> None:
    token = tokens.make("click", 2**40, "https://shop.example/ü?a=b")
    assert tokens.read("click", token) == (2**40, "https://shop.example/ü?a=b")
