"""The page of one person."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from journeys.models import Delivery, Journey, Message, Template
from profiles.models import Identity, Membership, Profile, Segment, Suppression, Topic
from profiles.queries.portrait import portrait
from profiles.queries.reach import answers, reach
from profiles.services.consent import Word, say
from tests.builders import alias, calls, event, identify, profile, tracked
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


As = Callable[[str], Client]
HOUR = timedelta(hours=1)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_the_page_of_a_person(client_as: As) -> None:
    calls(
        identify("u1", "a1", firstName="Ada", email="ada@x.y", address={"city": "Bonn"}, tags=["a", "b"], vip=True),
        tracked("Order Completed", "u1", total=50.5, currency="EUR"),
        tracked("Order Completed", "u1", revenue=1000),
        {"type": "page", "userId": "u1", "name": "Home", "properties": {"url": "https://x.y/<>"}},
    )
    ada = Profile.objects.get()
    say([Word(ada.pk, Topic.objects.create(slug="n", name="News").pk, "email", False, "form")], NOW)
    Membership.objects.create(profile=ada, segment=Segment.objects.create(name="VIP"), since=NOW)
    Suppression.objects.create(kind="email", address="ada@x.y", reason="bounced", at=NOW)
    page = text(client_as("analyst").get(f"/people/{ada.pk}/"))
    for words in (
        "<h1>Ada</h1>",
        "ada@x.y</span> · bounced",
        "E-mail: no",
        "No by E-mail, form",
        "€ 1,050",
        "Looked at",
        "https://x.y/&lt;&gt;",
        "Told us about themselves",
        "total 50.5 · currency EUR",
        "address",
        "a, b",
        "News",
        "VIP",
        "User id",
        reverse("profile_journeys", args=[ada.pk]),
        reverse("profile_messages", args=[ada.pk]),
    ):
        assert words in page, words
    assert "hx-delete" not in page  # an analyst reads


def test_old_addresses_lead_to_the_survivor(client_as: As) -> None:
    calls(identify("u1"), identify("u2"))
    first, second = Profile.objects.order_by("id")
    calls(alias("u1", "u2"))
    client = client_as("analyst")
    assert client.get(f"/people/{first.pk}/").headers["Location"] == f"/people/{second.pk}/"
    assert client.get("/people/999999/").status_code == 404


def test_attributes_are_edited_in_place(client_as: As) -> None:
    ada = profile(plan="free", age=7, address={"city": "Bonn"})
    client, url = client_as("marketer"), f"/people/{ada.pk}/attributes/"

    def stored() -> dict[str, object]:
        ada.refresh_from_db()
        return ada.attributes

    assert 'value="free"' in text(client.get(f"{url}?name=plan"))
    assert client.post(url, {"name": "plan", "type": "text", "value": "pro"}).status_code == 200
    assert client.post(url, {"name": "age", "type": "number", "value": "8"}).status_code == 200
    added = {"add": "1", "name": "Lifetime Value", "type": "number", "value": "3.5"}
    assert client.post(url, added).status_code == 200
    assert client.post(url, {"add": "1", "name": "vip", "type": "yes_no", "value": "Yes"}).status_code == 200
    assert client.post(url, {"add": "1", "name": "tags", "type": "list", "value": "a, b,"}).status_code == 200
    assert client.post(url, {"add": "1", "name": "born", "type": "date", "value": "1990-05-01"}).status_code == 200
    assert client.post(url, {"add": "1", "name": "email", "type": "text", "value": "a@b.c"}).status_code == 200
    assert client.delete(f"{url}?name=address").status_code == 200
    assert stored() == {
        "plan": "pro",
        "age": 8,
        "lifetime_value": 3.5,
        "vip": True,
        "tags": ["a", "b"],
        "born": "1990-05-01",
        "email": "a@b.c",
    }
    assert Identity.objects.get().value == "a@b.c"
    for wrong in (
        {"name": "email", "type": "text", "value": "nobody"},
        {"name": "timezone", "type": "text", "value": "Mars"},
        {"name": "age", "type": "number", "value": "old"},
        {"name": "age", "type": "number", "value": "nan"},
        {"name": "vip", "type": "yes_no", "value": "maybe"},
        {"name": "born", "type": "date", "value": "1990-13-01"},
        {"add": "1", "name": "%%", "type": "text", "value": "x"},
        {"add": "1", "name": "x", "type": "text", "value": ""},
    ):
        assert client.post(url, wrong).status_code == 422, wrong
    assert len(stored()) == 7


def test_analysts_do_not_edit(client_as: As) -> None:
    ada = profile(plan="free")
    client = client_as("analyst")
    assert (
        client.post(f"/people/{ada.pk}/attributes/", {"name": "plan", "type": "text", "value": "x"}).status_code == 403
    )
    assert client.delete(f"/people/{ada.pk}/attributes/?name=plan").status_code == 403
    ada.refresh_from_db()
    assert ada.attributes == {"plan": "free"}


def test_messages_of_a_person(client_as: As) -> None:
    ada = profile()
    journey = Journey.objects.create(name="Onboarding")
    template = Template.objects.create(name="Welcome", channel="email")
    for state, reason in (("sent", ""), ("skipped", "no_address")):
        message = Message.objects.create(
            profile_id=ada.pk,
            template_id=template.pk,
            journey_id=journey.pk,
            channel="email",
            created_at=NOW,
            due_at=NOW,
            state=state,
            reason=reason,
            opened_at=NOW if state == "sent" else None,
        )
    letter = Delivery.objects.create(message=message, state="accepted", rendered={"subject": "Hi"}, at=NOW)
    part = text(client_as("analyst").get(reverse("profile_messages", args=[ada.pk])))
    reading = reverse("letter", args=[letter.pk])
    for words in ("Onboarding", "Welcome", "Has no address on this channel", "opened", "Sent", "Skipped", reading):
        assert words in part


@pytest.mark.parametrize(
    ("first", "last", "stage"),
    [
        (None, None, "Not seen yet"),
        (timedelta(days=14), timedelta(0), "New"),
        (timedelta(days=15), timedelta(days=30), "Active"),
        (timedelta(days=99), timedelta(days=31), "Slipping away"),
        (timedelta(days=99), timedelta(days=90), "Slipping away"),
        (timedelta(days=99), timedelta(days=91), "Lost"),
    ],
)
def test_stages(first: timedelta | None, last: timedelta | None, stage: str) -> None:
    ada = profile()
    if first is not None and last is not None:
        event(ada, "Seen", NOW - first)
        event(ada, "Seen", NOW - last)
    event(ada, "Message Delivered", NOW, kind="message")
    assert portrait(ada, NOW).stage.name == stage


def test_worth_hour_and_local_time() -> None:
    ada = profile(timezone="Asia/Tokyo")
    for total, currency, number in ((10, "EUR", "1"), (30, "eur", "2"), (30, "EUR", "2"), (99, "USD", "3")):
        event(ada, "Order Completed", NOW, total=total, currency=currency, order_id=number)
    event(ada, "Order Completed", NOW + HOUR, total=1000)  # has not happened yet
    for day in range(6):
        event(ada, "Seen", NOW - timedelta(days=day, hours=2))
    found = portrait(ada, NOW)
    assert [(v.currency, v.orders, int(v.total), int(v.average)) for v in found.values] == [
        ("USD", 1, 99, 99),
        ("EUR", 2, 40, 20),
    ]
    assert (found.hour, found.until) == (17, 18)
    assert found.local is not None
    assert found.local.strftime("%H:%M") == "19:00"


def test_reach_says_why_not() -> None:
    news, daily = (
        Topic.objects.create(slug=s, name=s.title(), default_subscribed=s == "news") for s in ("news", "daily")
    )
    ada = profile(email="ada@x.y", phone="+4930123456")

    def why() -> dict[str, tuple[str, str]]:
        return {one.way.channel: (one.why_not, one.except_for) for one in reach(ada, [], answers(ada))}

    assert why()["email"] == ("", "Daily")
    say([Word(ada.pk, news.pk, "email", False, "form")], NOW)
    assert why()["email"] == ("unsubscribed", "")
    assert why()["sms"] == ("", "Daily")
    say([Word(ada.pk, daily.pk, "", True, "form")], NOW + HOUR)
    assert why()["email"] == ("", "News")
    Suppression.objects.create(kind="email", address="ada@x.y", reason="550 no such person", at=NOW)
    assert why()["email"] == ("blocked", "")
    assert reach(profile(), [], [])[0].why_not == "no address"
