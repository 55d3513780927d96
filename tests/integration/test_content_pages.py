"""Content, channels and mailbox as people use them, with the role they have."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from auditlog.models import LogEntry
from django.test import Client

from journeys.delivery.outbox import send_due
from journeys.models import Delivery, Message, ProviderAccount, Template
from omnichannel.shared.vault import unseal
from profiles.models import Event
from tests import builders
from tests.mail import mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "now")]
As = Callable[[str], Client]
SMTP = {
    "name": "Company mail", "enabled": "on", "settings-host": "mail.shop.example", "settings-port": "587",
    "settings-security": "starttls", "settings-user": "u", "settings-from_address": "shop@shop.example",
}  # fmt: skip


def test_a_template_is_made_edited_previewed_and_tried(client_as: As) -> None:
    client = client_as("marketer")
    page = client.post("/content/new/email/", {"name": "Welcome", "layout": "products"})
    template = Template.objects.get(name="Welcome")
    assert page["Location"] == f"/content/{template.pk}/"
    person = builders.profile(email="ann@shop.example", first_name="Ann")
    builders.event(person, "Cart Updated", products=[{"name": "Boots", "price": 90}])
    typed = {**template.content, "name": "Welcome", "subject": "Hi {{ first_name }}"}
    html = client.post(f"/content/{template.pk}/preview/", {**typed, "person": person.pk}).content.decode()
    assert "<strong>Hi Ann</strong>" in html
    frame = client.get(re.search(r'src="(/content/frame/[^"]+)"', html)[1])  # type: ignore[index]
    assert "Still thinking about it, Ann?" in frame.content.decode() and "Boots" in frame.content.decode()
    policy = frame["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "sandbox" in policy
    assert client.post(f"/content/{template.pk}/", typed).status_code == 302
    template.refresh_from_db()
    assert template.content["subject"] == "Hi {{ first_name }}"
    response = client.post(f"/content/{template.pk}/test/", {**typed, "person": person.pk, "to": "me@shop.example"})
    assert (response.status_code, "Sent to me@shop.example." in response["HX-Trigger"]) == (204, True)
    message = Message.objects.get()
    assert (message.state, message.address, message.enrollment_id) == ("sent", "me@shop.example", None)
    assert (Delivery.objects.get().rendered or {})["subject"] == "Hi Ann"
    assert Event.objects.filter(kind="message").count() == 0


def test_a_test_with_a_mistake_sends_nothing(client_as: As) -> None:
    template = builders.email_template()
    client = client_as("marketer")
    broken = {**template.content, "subject": "{{ x | nope }}", "to": "me@shop.example"}
    assert "unknown filter" in client.post(f"/content/{template.pk}/test/", broken)["HX-Trigger"]
    assert "cannot be an address" in client.post(f"/content/{template.pk}/test/", {**broken, "to": "me"})["HX-Trigger"]
    assert Message.objects.count() == 0


def test_saving_in_place_says_what_is_wrong(client_as: As) -> None:
    """Page, cursor and preview stay; a refused form is drawn again, a message that cannot be sent is told at once."""
    template, htmx = builders.email_template(), {"HX-Request": "true"}
    client, address = client_as("marketer"), f"/content/{template.pk}/"
    typed = {**template.content, "name": "New name", "subject": "Hi"}
    answer = client.post(address, typed, headers=htmx)
    assert (answer.status_code, answer["HX-Reswap"], "HX-Trigger" in answer) == (200, "none", False)
    assert '<span id="content-title" hx-swap-oob="true">New name</span>' in answer.content.decode()
    answer = client.post(address, {**typed, "subject": "{{ x | nope }}"}, headers=htmx)
    assert "Saved, but it cannot be sent as it is. Subject" in answer["HX-Trigger"]
    refused = client.post(address, {**typed, "name": ""}, headers=htmx)
    page = refused.content.decode()
    assert (refused.status_code, page.startswith('<fieldset class="card-body" id="content-fields"')) == (422, True)
    assert "This field is required." in page
    template.refresh_from_db()
    assert (template.name, template.content["subject"]) == ("New name", "{{ x | nope }}")
    assert client_as("analyst").post(address, typed, headers=htmx).status_code == 403


def test_two_templates_cannot_have_one_name(client_as: As) -> None:
    builders.email_template("One")
    two = builders.email_template("Two")
    page = client_as("marketer").post(f"/content/{two.pk}/", {**two.content, "name": "One"})
    assert (page.status_code, "Another template has this name." in page.content.decode()) == (422, True)


def test_a_copy_and_the_end_of_a_template(client_as: As) -> None:
    client, template = client_as("marketer"), builders.email_template()
    client.post(f"/content/{template.pk}/duplicate/")
    client.post(f"/content/{template.pk}/duplicate/")
    names = sorted(Template.objects.values_list("name", flat=True))
    assert names == ["Copy of Welcome", "Copy of Welcome 2", "Welcome"]
    assert client.post(f"/content/{template.pk}/delete/")["Location"] == "/content/"
    assert not Template.objects.filter(pk=template.pk).exists()


@pytest.mark.parametrize(
    ("method", "path", "role", "status"),
    [
        ("get", "/content/", "analyst", 200),
        ("get", "/content/{t}/", "analyst", 200),
        ("post", "/content/{t}/", "analyst", 403),
        ("post", "/content/{t}/test/", "analyst", 403),
        ("post", "/content/{t}/delete/", "analyst", 403),
        ("get", "/channels/", "analyst", 200),
        ("get", "/channels/{a}/", "marketer", 403),
        ("post", "/channels/{a}/", "marketer", 403),
        ("post", "/channels/{a}/default/", "marketer", 403),
        ("get", "/channels/{a}/", "admin", 200),
        ("get", "/mailbox/", "analyst", 200),
        ("get", "/mailbox/{d}/", "analyst", 200),
        ("post", "/mailbox/{d}/open/", "analyst", 403),
        ("post", "/messages/{m}/again/", "analyst", 403),
    ],
)
def test_roles(method: str, path: str, role: str, status: int, client_as: As, now: datetime) -> None:
    account, template = builders.account("sandbox"), builders.email_template()
    message = builders.message(builders.profile(email="ann@shop.example"), template)
    send_due(now)
    ids = {"t": template.pk, "a": account.pk, "m": message.pk, "d": Delivery.objects.get().pk}
    assert getattr(client_as(role), method)(path.format(**ids)).status_code == status
    assert getattr(Client(), method)(path.format(**ids)).status_code == 302


def test_secrets_are_sealed_and_never_shown_again(client_as: As) -> None:
    client = client_as("admin")
    client.post("/channels/new/email/smtp/", {**SMTP, "settings-password": "hunter2-hunter2"})
    account = ProviderAccount.objects.get(kind="smtp")
    assert b"hunter2" not in bytes(account.settings)
    assert unseal(account.settings)["password"] == "hunter2-hunter2"
    page = client.get(f"/channels/{account.pk}/").content.decode()
    assert "hunter2" not in page and "saved; type to replace" in page
    client.post(f"/channels/{account.pk}/", {**SMTP, "settings-host": "other.example", "settings-password": ""})
    account.refresh_from_db()
    assert unseal(account.settings)["password"] == "hunter2-hunter2"
    assert unseal(account.settings)["host"] == "other.example"
    refused = client.post(f"/channels/{account.pk}/", {**SMTP, "settings-password": "again-2", "settings-port": "x"})
    assert (refused.status_code, b"again-2" in refused.content) == (422, False)
    log = " ".join(str(entry.changes) for entry in LogEntry.objects.all())
    assert "Company mail" in log and "hunter2" not in log and "gAAAA" not in log


def test_one_account_carries_a_channel_and_can_be_tried(client_as: As) -> None:
    first = builders.account("sandbox")
    client = client_as("admin")
    with mail_server() as inbox:
        local = {**SMTP, "settings-host": inbox.host, "settings-port": str(inbox.port), "settings-security": "none"}
        client.post("/channels/new/email/smtp/", {**local, "settings-user": ""})
        second = ProviderAccount.objects.get(kind="smtp")
        assert (first.is_default, second.is_default) == (True, False)
        assert "The saved settings work." in client.post(f"/channels/{second.pk}/check/").content.decode()
    assert "refuses the connection" in client.post(f"/channels/{second.pk}/check/").content.decode()
    client.post(f"/channels/{second.pk}/default/")
    assert list(ProviderAccount.objects.filter(is_default=True).values_list("kind", flat=True)) == ["smtp"]


def test_a_first_real_account_takes_over_from_the_sandbox_unless_told_otherwise(client_as: As) -> None:
    sandbox, client = builders.account("sandbox"), client_as("admin")
    page = client.get("/channels/new/email/smtp/").content.decode()
    assert "Let it carry the channel" in page and "go through “sandbox”" in page
    assert client.get("/channels/new/email/smtp/").context["general"]["carries"].value() is True
    refused = client.post("/channels/new/email/smtp/", {**SMTP, "enabled": "", "carries": "on"})
    assert (refused.status_code, "that is off cannot carry" in refused.content.decode()) == (422, True)
    assert list(ProviderAccount.objects.all()) == [sandbox]
    client.post("/channels/new/email/smtp/", {**SMTP, "carries": "on"})
    smtp = ProviderAccount.objects.get(is_default=True)
    assert (smtp.kind, smtp.enabled, ProviderAccount.objects.count()) == ("smtp", True, 2)
    assert "carries" not in client.get(f"/channels/{smtp.pk}/").context["general"].fields
    assert client.get("/channels/new/email/smtp/").context["general"]["carries"].value() is False


def test_reading_in_the_mailbox_does_not_count_and_opening_does(client_as: As, now: datetime) -> None:
    builders.account("sandbox")
    message = builders.message(builders.profile(email="ann@shop.example", first_name="Ann"), builders.email_template())
    send_due(now)
    client, pk = client_as("marketer"), Delivery.objects.get().pk
    assert "Hello Ann" in client.get("/mailbox/?q=ann@").content.decode()
    assert "Hello Ann" not in client.get("/mailbox/?q=bob").content.decode()
    assert "Hello Ann" in client.get(f"/messages/{message.pk}/").content.decode()
    frame = client.get(f"/mailbox/{pk}/frame/")
    assert "/t/c/" in frame.content.decode() and "/t/o/" not in frame.content.decode()
    message.refresh_from_db()
    assert message.opened_at is None
    assert "Opened" in client.post(f"/mailbox/{pk}/open/").content.decode()
    message.refresh_from_db()
    assert message.opened_at == now


def test_nobody_opens_or_clicks_in_a_real_customers_name(client_as: As, now: datetime) -> None:
    message = builders.message(builders.profile(email="ann@shop.example"), builders.email_template())
    with mail_server() as inbox:
        address = {"host": inbox.host, "port": inbox.port, "security": "none"}
        builders.account("smtp", **address, from_address="shop@shop.example")
        send_due(now)
    client, pk = client_as("marketer"), Delivery.objects.get().pk
    page = client.get(f"/messages/{message.pk}/").content.decode()
    assert "Open as the customer" not in page and "Unsubscribe page" not in page and 'sandbox=""' in page
    frame = client.get(f"/mailbox/{pk}/frame/")
    assert frame.headers["Content-Security-Policy"].endswith("; sandbox")
    assert client.post(f"/mailbox/{pk}/open/").status_code == 404
    message.refresh_from_db()
    assert (message.state, message.opened_at) == ("sent", None)


def test_what_is_unknown_goes_again_when_somebody_says_so(client_as: As, now: datetime) -> None:
    builders.account("sandbox")
    message = builders.message(
        builders.profile(email="ann@shop.example"), builders.email_template(), state="unknown", claimed_by=7
    )
    client = client_as("marketer")
    assert send_due(now) == 0
    assert client.post(f"/messages/{message.pk}/again/", {"next": "https://evil.example/"})["Location"].startswith("/")
    assert send_due(now) == 1
    client.post(f"/messages/{message.pk}/again/")
    message.refresh_from_db()
    assert (message.state, send_due(now)) == ("sent", 0)
