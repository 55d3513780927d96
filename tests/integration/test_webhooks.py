"""Webhooks: what is called, how it is signed, what comes back, when it is tried again."""

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.asking import calls, lanes, signing, webhook
from journeys.asking.lanes import Lanes
from journeys.asking.webhook import Call
from journeys.engine import inbox, recovery, runner
from journeys.models import Enrollment, Journey, Message, Node, Request, StepRecord, WebhookKey
from journeys.services import lifecycle
from profiles.models import Profile
from tests import builders
from tests.conftest import NOW
from tests.mail import Gateway, gateway

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DRAWING = """
    start: entry_event(event="Viewed") -> hook
    hook: webhook(url=url, answer_name="offer") answered -> asked, failed -> sorry
    asked: by_answer(ask_key="hook", where=dear) yes -> mail, no -> done
    mail: send(template="Offer")
    sorry: exit(reason="No answer")
    done: exit(reason="Cheap")
"""
HOOK = 'start: entry_event(event="Viewed") -> hook\nhook: webhook(url=url)'
DEAR = [{"field": "price", "op": "gt", "value": 50}]


@pytest.fixture
def gate(now: datetime) -> Iterator[Gateway]:
    with gateway() as server:
        yield server


def work(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now, 1000) or calls.call_due(now):
        pass


def journey(gate: Gateway, drawing: str = DRAWING, **given: Any) -> Journey:
    return builders.journey(drawing, url=gate.url + "/hook", dear=DEAR, **given)


def view(user: str = "ann", **properties: Any) -> Profile:
    builders.calls(builders.identify(user, first_name=user.title()), builders.tracked("Viewed", user, **properties))
    return Profile.objects.get(identities__kind="user_id", identities__value=user)


def path() -> list[tuple[str, str]]:
    keys = dict(Node.objects.values_list("pk", "key"))
    return [(keys[step.node_id], step.port) for step in StepRecord.objects.order_by("visit")]


def test_the_answer_leads_on_and_is_there_for_messages(gate: Gateway) -> None:
    made = journey(gate)
    template = builders.template("Offer")
    template.content = {"subject": "For {{ answers.offer.price }}", "format": "html", "body": "<p>x</p>", "text": "x"}
    template.save()
    gate.answer = (200, {}, {"price": 80, "code": "A1"})
    ann = view(product="Lamp")
    work(NOW)
    ((method, where, headers, body),) = gate.asked
    request = Request.objects.get()
    assert (method, where, headers["content-type"]) == ("POST", "/hook", "application/json")
    assert json.loads(body) == {
        "type": "journey.step",
        "timestamp": "2026-03-02T10:00:00+00:00",
        "data": {
            "profile": {"first_name": "Ann", "id": ann.pk},
            "event": {"product": "Lamp"},
            "journey": {"name": "Test"},
            "answers": {},
            "step": {"key": "hook", "name": "Call a webhook"},
        },
    }
    (key,) = signing.keys(NOW)
    stamp = str(int(NOW.timestamp()))
    signed = f"omc_{request.pk}.{stamp}.".encode() + body
    expected = hmac.new(base64.b64decode(key.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (f"omc_{request.pk}", stamp)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()
    assert path() == [("start", "next"), ("hook", "answered"), ("asked", "yes"), ("mail", "next")]
    assert (request.state, request.status, request.answer) == ("answered", 200, {"price": 80, "code": "A1"})
    from journeys.delivery.outbox import send_due

    builders.account("sandbox")
    Profile.objects.filter(pk=ann.pk).update(attributes={"email": "ann@shop.example"})
    send_due(NOW)
    from journeys.models import Delivery

    assert Delivery.objects.get().rendered["subject"] == "For 80"  # type: ignore[index]
    assert Enrollment.objects.get().journey_id == made.pk


def test_what_fails_for_now_is_tried_again_and_the_receiver_knows_the_repeat(gate: Gateway) -> None:
    journey(gate)
    gate.answer = (503, {}, {})
    view()
    work(NOW)
    request = Request.objects.get()
    assert (request.state, request.attempts, request.status, request.error) == (
        "pending", 1, 503, "It answered with status 503."
    )  # fmt: skip
    assert request.due_at is not None
    assert timedelta(seconds=24) <= request.due_at - NOW <= timedelta(seconds=36)
    work(NOW + timedelta(seconds=20))
    assert len(gate.asked) == 1
    gate.answer = (200, {}, {"price": 10})
    work(NOW + MINUTE)
    assert [asked[2]["webhook-id"] for asked in gate.asked] == [f"omc_{request.pk}"] * 2
    assert path()[1:] == [("hook", "answered"), ("asked", "no"), ("done", "")]
    step = StepRecord.objects.get(port="answered")
    assert (step.left_at, step.facts) == (
        NOW + MINUTE,
        {"answered": {"hook": {"ok": True, "at": (NOW + MINUTE).isoformat(), "said": {"status": 200, "price": 10}}}},
    )


def test_a_receiver_may_say_when(gate: Gateway) -> None:
    journey(gate)
    gate.answer = (429, {"Retry-After": "1800"}, {})
    view()
    work(NOW)
    assert Request.objects.get().due_at == NOW + timedelta(seconds=1800)


def test_after_six_tries_it_is_given_up(gate: Gateway) -> None:
    journey(gate)
    gate.answer = (500, {}, {})
    view()
    for hours in range(8):
        work(NOW + hours * HOUR)
    request = Request.objects.get()
    assert (len(gate.asked), request.attempts, request.state) == (6, 6, "failed")
    assert request.error == "Tried 6 times. The last time: It answered with status 500."
    assert path()[1:] == [("hook", "failed"), ("sorry", "")]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, "It answered with status 404."),
        (302, "It answered with status 302."),
        (410, "It answered with status 410."),
    ],
)
def test_a_refusal_is_final_and_nobody_is_followed_elsewhere(gate: Gateway, status: int, error: str) -> None:
    journey(gate)
    gate.answer = (status, {"Location": gate.url + "/elsewhere"}, {})
    view()
    work(NOW)
    request = Request.objects.get()
    assert (request.state, request.error, [asked[1] for asked in gate.asked]) == ("failed", error, ["/hook"])
    assert path()[-1] == ("sorry", "")


def test_no_way_into_our_network(gate: Gateway, settings: LazySettings) -> None:
    settings.ALLOW_PRIVATE_OUTBOUND = False
    journey(gate)
    view()
    work(NOW)
    request = Request.objects.get()
    assert (request.state, gate.asked) == ("failed", [])
    assert "inside a private network" in request.error


def test_who_has_left_is_not_called_for(gate: Gateway) -> None:
    made = journey(gate)
    view()
    while inbox.take(1000, NOW) or runner.advance(NOW, 1000):
        pass
    lifecycle.archive(made, None, NOW)
    work(NOW + MINUTE)
    assert (Request.objects.get().state, gate.asked) == ("cancelled", [])


def test_a_paused_journey_calls_nobody_until_it_goes_on(gate: Gateway, valkey: Any) -> None:
    made = journey(gate)
    view()
    while inbox.take(1000, NOW) or runner.advance(NOW, 1000):
        pass
    lifecycle.pause(made, None, NOW)
    work(NOW + MINUTE)
    assert (Request.objects.get().state, gate.asked) == ("pending", [])
    lifecycle.resume(made, None, NOW)
    valkey.flushdb()
    recovery.sweep(NOW + MINUTE)
    assert valkey.llen("call") == 1
    work(NOW + MINUTE)
    assert len(gate.asked) == 1


def test_a_caller_that_died_is_followed_by_another_and_its_late_answer_counts_for_nothing(gate: Gateway) -> None:
    journey(gate)
    gate.answer = (200, {}, {"price": 80})
    view()
    while inbox.take(1000, NOW) or runner.advance(NOW, 1000):
        pass
    from journeys.asking.settling import Settled, settle
    from omnichannel.shared import failpoints

    failpoints.arm("calls.called:1:raise")
    with pytest.raises(failpoints.InjectedError):
        calls.call_due(NOW)
    request = Request.objects.get()
    assert (request.state, request.attempts, request.due_at) == ("pending", 1, NOW + calls.LEASE)
    assert calls.call_due(NOW + MINUTE) == 0
    assert calls.call_due(NOW + calls.LEASE) == 1
    late = Settled(request.pk, request.enrollment_id, 1, Request.State.FAILED, "failed")
    assert settle([late], NOW + HOUR) == set()
    work(NOW + HOUR)
    assert [asked[2]["webhook-id"] for asked in gate.asked] == [f"omc_{request.pk}"] * 2
    assert path()[1:3] == [("hook", "answered"), ("asked", "yes")]
    assert Message.objects.count() == 1


def test_own_text_and_headers(gate: Gateway) -> None:
    journey(
        gate,
        """
        start: entry_event(event="Viewed") -> hook
        hook: webhook(url=url, method="PUT", headers=own, body="{{ first_name | json }}")
        """,
        own=[{"name": "X-Key", "value": "7"}, {"name": "Content-Type", "value": "text/plain"}],
    )
    view()
    work(NOW)
    ((method, _where, headers, body),) = gate.asked
    assert (method, headers["x-key"], body) == ("PUT", "7", b'"Ann"')
    assert headers["content-type"] == "text/plain"  # once: what is said twice comes here as "a, b"


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b"[1]", [1]),
        (b"hello", "hello"),
        (b"", None),
        (b'"\\u0000"', None),
        (b"NaN", "NaN"),
        (b'{"price": "\\ud800"}', '{"price": "\\ud800"}'),  # half a letter, which no JSON that is kept may hold
    ],
)
def test_answers_that_are_no_objects(answer: bytes, value: Any) -> None:
    assert webhook._value(answer) == value


def test_who_answers_byte_by_byte_holds_nobody_up() -> None:
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        taken, _ = server.accept()
        with taken:
            try:
                while True:
                    taken.sendall(b"H")
                    time.sleep(0.05)
            except OSError:
                return

    threading.Thread(target=drip, daemon=True).start()
    begin = time.monotonic()
    fate = webhook.call(Call("POST", f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"{}", 1))
    assert time.monotonic() - begin < 3
    assert isinstance(fate, webhook.Later)
    server.close()


def test_an_answer_that_would_have_to_be_unpacked_is_refused(gate: Gateway) -> None:
    """Some kilobytes may unpack to gigabytes."""
    gate.answer = (200, {"Content-Encoding": "gzip"}, {"price": 1})
    fate = webhook.call(Call("POST", gate.url, {"accept-encoding": "gzip"}, b"{}", 2))
    assert isinstance(fate, webhook.Refused)
    assert gate.asked[0][2]["accept-encoding"] == "identity"


def test_a_host_that_hangs_does_not_delay_the_calls_of_others(gate: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has more calls than are claimed at once, all of them due before those of the other."""
    monkeypatch.setattr(calls, "BATCH", 20)
    done, in_time = threading.Event(), []
    with gateway() as slow:
        slow.heard = lambda _n: in_time.append(done.wait(10))
        gate.heard = lambda n: done.set() if n == 5 else None
        builders.journey(HOOK, url=slow.url)
        builders.journey(HOOK.replace("Viewed", "Liked"), url=gate.url)
        for event, many in (("Viewed", 24), ("Liked", 5)):
            builders.calls(*(builders.tracked(event, f"u{n}") for n in range(many)))
            while inbox.take(1000, NOW) or runner.advance(NOW, 1000):
                pass
        work(NOW)
        asked = [headers["webhook-id"] for server in (slow, gate) for _m, _p, headers, _b in server.asked]
    assert set(in_time) == {True}
    assert sorted(asked) == sorted(f"omc_{pk}" for pk in Request.objects.values_list("pk", flat=True))
    assert len(asked) == 29
    assert set(Request.objects.values_list("state", "attempts")) == {("answered", 1)}


def test_a_host_that_answers_too_late_gets_no_more_until_its_calls_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "TIRING", 0.0)
    monkeypatch.setattr(lanes, "PATIENCE", 0.01)
    with gateway() as server, ThreadPoolExecutor(lanes.LANES) as pool:
        go_on = threading.Event()
        server.heard = lambda _n: go_on.wait(10)
        under_way = Lanes[int](pool)
        one = Call("POST", server.url, {}, b"{}", 10)
        assert under_way.bring([(n, one) for n in range(40)]) == ([], list(range(lanes.LANES // 2, 40)))
        assert not under_way.has_room(lanes.host_of(server.url))
        assert under_way.has_room("other.example")
        go_on.set()


def test_a_batch_of_calls_takes_the_same_number_of_statements_whatever_its_size(
    gate: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "PATIENCE", 60.0)
    monkeypatch.setattr(lanes, "TIRING", 60.0)
    builders.journey(HOOK, url=gate.url)
    counted = []
    for many in (1, 2, 20):  # the first makes the key
        builders.calls(*(builders.tracked("Viewed", f"{many}-{n}") for n in range(many)))
        while inbox.take(1000, NOW) or runner.advance(NOW, 1000):
            pass
        with CaptureQueriesContext(connection) as asked:
            assert calls.call_due(NOW) == many
        counted.append(len(asked))
    assert counted[1] == counted[2]


def test_a_new_key_and_the_former_one_sign_together_for_a_day() -> None:
    (old,) = signing.keys(NOW)
    signing.renew(NOW)
    new, former = signing.keys(NOW + HOUR)
    assert (former, new == old) == (old, False)
    assert signing.headers("m", b"", [new, former], NOW)["webhook-signature"].count("v1,") == 2
    assert signing.keys(NOW + signing.OVERLAP) == [new]
    assert WebhookKey.objects.count() == 2


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"url": "ftp://x.example/"}, "url"),
        ({"headers": [{"name": "Host", "value": "x"}]}, "headers"),
        ({"headers": [{"name": "webhook-id", "value": "x"}]}, "headers"),
        ({"headers": [{"name": "X-A", "value": "a\nb"}]}, "headers"),
        ({"body": "{{ open"}, "body"),
        ({"seconds": 31}, "seconds"),
    ],
)
def test_the_form_refuses_what_cannot_be_sent(config: dict[str, Any], field: str) -> None:
    from django.core.exceptions import ValidationError

    from journeys.registry import node_kinds

    with pytest.raises(ValidationError) as refused:
        node_kinds()["webhook"](key="n1").configure(config)
    assert list(refused.value.message_dict) == [field]


def test_the_page_of_webhooks_is_for_admins(client_as: Any, gate: Gateway) -> None:
    journey(gate)
    gate.answer = (404, {}, {})
    view()
    work(NOW)
    assert client_as("marketer").get("/channels/webhooks/").status_code == 403
    admin: Client = client_as("admin")
    page = admin.get("/channels/webhooks/").content.decode()
    assert signing.keys(NOW)[0] in page
    assert "It answered with status 404." in page
    assert admin.post("/channels/webhooks/").status_code == 302
    assert WebhookKey.objects.count() == 2
    assert "renewed the key that signs webhooks" in admin.get("/settings/audit/").content.decode()
