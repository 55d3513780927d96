"""An SMS gateway described in a form: requests, answers, receipts; and no way into our network."""

import json
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpcore
import pytest
from django.conf import LazySettings
from django.test import Client

from journeys.delivery import tokens
from journeys.delivery.outbox import send_due
from journeys.models import Delivery, Message, ProviderAccount, Template
from journeys.providers.http_sms import BODY, STATES, HttpSms
from omnichannel.shared import outbound
from profiles.models import Event, Suppression
from tests import builders
from tests.mail import Gateway, gateway

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def gate(now: datetime) -> Iterator[Gateway]:
    builders.account("sandbox")
    with gateway() as server:
        yield server


def set_up(gate: Gateway, **settings: Any) -> ProviderAccount:
    values = {
        "url": gate.url + "/send?to={{ to | url_encode }}",
        "method": "POST",
        "sender": "Shop",
        "secret": "s3cret",
        "headers": "Content-Type: application/json\nAuthorization: Bearer {{ secret }}",
        "body": BODY,
        "id_path": "messages.0.id",
        "receipt_id_path": "id",
        "receipt_status_path": "status",
        "receipt_states": STATES,
        "receipt_secret": "",
        **settings,
    }
    assert HttpSms.Settings(values).is_valid()
    return builders.account("http_sms", "sms", **values)


def message(text: str = 'Hi {{ first_name }} "you"') -> Message:
    template, _ = Template.objects.get_or_create(name="Text", channel="sms", defaults={"content": {"body": text}})
    return builders.message(builders.profile(phone="+49 170 1234567", first_name="Ann"), template)


def test_the_request_is_what_the_form_says(gate: Gateway, now: datetime) -> None:
    set_up(gate)
    gate.answer = (201, {}, {"messages": [{"id": 77}]})
    sent = message()
    assert send_due(now) == 1
    ((method, path, headers, body),) = gate.asked
    assert (method, path) == ("POST", "/send?to=%2B491701234567")
    assert (headers["authorization"], headers["content-type"]) == ("Bearer s3cret", "application/json")
    assert json.loads(body) == {
        "to": "+491701234567",
        "from": "Shop",
        "text": 'Hi Ann "you"',
        "reference": f"m{sent.pk}",
    }
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.provider_message_id, delivery.rendered) == (
        "accepted",
        "77",
        {"text": 'Hi Ann "you"'},
    )


@pytest.mark.parametrize(
    ("status", "headers", "state", "wait"),
    [
        (429, {"Retry-After": "120"}, "pending", timedelta(seconds=120)),
        (429, {"Retry-After": "9" * 17}, "pending", timedelta(days=1)),
        (400, {}, "failed", None),
        (504, {}, "unknown", None),
        (401, {}, "pending", timedelta(seconds=30)),
        (302, {"Location": "http://127.0.0.1:1/"}, "pending", timedelta(seconds=30)),
    ],
)
def test_answers(
    status: int, headers: dict[str, str], state: str, wait: timedelta | None, gate: Gateway, now: datetime
) -> None:
    set_up(gate)
    gate.answer = (status, headers, {"error": "why"})
    row = message()
    assert send_due(now) == 1
    row.refresh_from_db()
    assert (row.state, len(gate.asked)) == (state, 1)
    if wait:
        assert row.due_at - now == wait


def test_receipts(gate: Gateway, now: datetime, client: Client) -> None:
    account = set_up(gate, receipt_secret="r")
    gate.answer = (200, {}, {"messages": [{"id": "a"}]})
    row = message()
    send_due(now)
    path = f"/t/r/{account.pk}/{tokens.make('callback', account.pk)}"
    good: dict[str, Any] = {"content_type": "application/json", "headers": {"X-Secret": "r"}}
    assert client.post(path, {"id": "a", "status": "Delivered"}, content_type="application/json").status_code == 403
    assert client.post(path, "{", **good).status_code == 400
    assert client.post(path[:-1] + "x", {}, **good).status_code == 404
    assert client.post(path.replace(f"/{account.pk}/", "/999/"), {}, **good).status_code == 404
    assert Event.objects.count() == 0
    batch = [{"id": "a", "status": "DELIVERED"}, {"id": "other", "status": "delivered"}, {"id": "a", "status": "odd"}]
    response = client.post(path, json.dumps(batch), **good)
    assert (response.status_code, response.json()) == (200, {"recorded": 1})
    row.refresh_from_db()
    assert row.delivered_at == now
    client.post(path, json.dumps({"id": "a", "status": "rejected"}), **good)
    assert list(Suppression.objects.values_list("kind", "address")) == [("phone", "+491701234567")]


def test_a_receipt_as_a_form(gate: Gateway, now: datetime, client: Client) -> None:
    account = set_up(gate)
    gate.answer = (200, {}, {"messages": [{"id": "b"}]})
    message()
    send_due(now)
    path = f"/t/r/{account.pk}/{tokens.make('callback', account.pk)}"
    assert client.post(path, {"id": "b", "status": "delivered"}).json() == {"recorded": 1}


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "192.0.0.8", "192.88.99.1", "::1", "::ffff:127.0.0.1", "fe80::1%eth0", "fc00::1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "::7f00:1", "::ffff:0:7f00:1", "fec0::1", "5f00::1", "3fff::1", "ff02::1",
    ],
)  # fmt: skip
def test_private_addresses_are_known(address: str) -> None:
    assert not outbound.is_public(address)


def test_public_addresses_are_known() -> None:
    assert outbound.is_public("93.184.216.34") and outbound.is_public("2606:2800:220:1:248:1893:25c8:1946")


def test_no_way_into_our_network(gate: Gateway, now: datetime, settings: LazySettings) -> None:
    settings.ALLOW_PRIVATE_OUTBOUND = False
    account = set_up(gate)
    row = message()
    assert send_due(now) == 1
    row.refresh_from_db()
    account.refresh_from_db()
    assert (row.state, gate.asked) == ("pending", [])
    assert "inside a private network" in account.error


def test_a_name_is_resolved_once_and_checked_where_it_is_used(
    gate: Gateway, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers with a public address first and a private one later is never asked twice."""
    settings.ALLOW_PRIVATE_OUTBOUND = False
    answers = [["93.184.216.34", "127.0.0.1"], ["127.0.0.1"]]
    asked: list[str] = []

    def resolving(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answers.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    for _ in range(2):
        with pytest.raises(httpcore.ConnectError):
            outbound.resolve("rebind.example", 80)
    assert asked == ["rebind.example"] * 2
    answers.append(["93.184.216.34"])
    assert outbound.resolve("rebind.example", 80) == "93.184.216.34"


def test_the_form_refuses_what_cannot_work() -> None:
    def errors(**values: str) -> dict[str, list[str]]:
        form = HttpSms.Settings({"url": "https://x.example", "method": "POST", **values})
        form.is_valid()
        return {name: [str(text) for text in texts] for name, texts in form.errors.items()}

    assert errors() == {}
    assert errors(url="ftp://x.example") == {"url": ["The address starts with http:// or https://."]}
    assert errors(body="{{ to | nope }}") == {"body": ["unknown filter 'nope'"]}
    assert list(errors(receipt_states="ok = fine")) == ["receipt_states"]
