"""Everything fails under load, once: workers, senders, beat, web, PostgreSQL and Valkey are killed, Valkey forgets and
does not answer, a second beat runs, the clock leaps forward and back; and every call comes twice, at the same time.

Then everybody is where the reference says, was enrolled once and was written to once. What was in the air when a sender
died or Valkey forgot is shown as unknown, never doubled; nothing is stuck.

STORM_SEED, STORM_PEOPLE, STORM_ROUNDS and STORM_VALKEY_DOWN (seconds) make longer and other storms.
"""

import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import psycopg
import pytest
from django.db import InterfaceError, OperationalError, connection
from pytest_django import DjangoDbBlocker

from journeys.engine import graph
from journeys.engine.lives import Did, Reacted
from journeys.engine.reference import Customer
from journeys.models import Enrollment, Journey, Message, StepRecord
from profiles.models import Change, Event, Identity, Profile
from tests.bench.world import connected
from tests.conftest import NOW
from tests.crash.chaos import Chaos, travel
from tests.product import MailServer, Product, product, wait_for

pytestmark = pytest.mark.crash

SEED = int(os.environ.get("STORM_SEED", "1"))
PEOPLE = int(os.environ.get("STORM_PEOPLE", "160"))
ROUNDS = int(os.environ.get("STORM_ROUNDS", "1"))
DOWN = float(os.environ.get("STORM_VALKEY_DOWN", "2"))
PAUSE = 0.6  # seconds between two misfortunes
PATIENCE = 120  # seconds: a calm machine needs a fifth of it
BATCH = 20
LATER, END = timedelta(hours=2), timedelta(days=2)
PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
SETUP = """
from omnichannel.shared import clock
from tests import builders
from tests.crash.test_engine_crash import DRAWING
builders.account("smtp", host="127.0.0.1", port={port}, security="none", from_address="a@shop.example", connections=2)
builders.journey(DRAWING, name="Storm", at=clock.now())
"""
T = TypeVar("T")


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def shop(tmp_path: Path, mail: MailServer, django_db_blocker: DjangoDbBlocker) -> Iterator[Product]:
    """A running product; Django's connection of this process leads to its database."""
    with product(tmp_path / "local") as running:
        running.manage("shell", "-c", SETUP.format(port=mail.port))
        chaos = Chaos(running, SEED, DOWN)
        with django_db_blocker.unblock(), connected(chaos.env["DATABASE_URL"]):
            running.chaos = chaos  # type: ignore[attr-defined]
            yield running


def asked(read: Callable[[], T]) -> T | None:
    """What the database says; None while it is down."""
    try:
        return read()
    except (OperationalError, InterfaceError, psycopg.OperationalError):
        connection.close()
        return None


def leap(chaos: Chaos, ahead: timedelta) -> None:
    """The product's clock goes forward, as soon as the database is there again."""

    def leapt() -> bool:
        travel(chaos.env["DATABASE_URL"], ahead.total_seconds())
        return True

    wait_for(lambda: asked(leapt), PATIENCE, "the clock leaps")


def twice(running: Product, batches: list[list[dict[str, Any]]]) -> None:
    """Two clients send everything, each until it is taken: as retries do, with the same message ids."""
    orders = [list(batches), list(batches)]
    random.Random(SEED).shuffle(orders[1])
    clients = [threading.Thread(target=_send, args=(running, order)) for order in orders]
    for client in clients:
        client.start()
    for client in clients:
        client.join()


def _send(running: Product, batches: list[list[dict[str, Any]]]) -> None:
    with httpx.Client(base_url=running.url, auth=(running.facts["write key"], ""), timeout=20) as client:
        for batch in batches:
            while not _taken(client, batch):
                time.sleep(0.1)
            time.sleep(PAUSE * ROUNDS * BATCH / PEOPLE)  # spread over the misfortunes


def _taken(client: httpx.Client, batch: list[dict[str, Any]]) -> bool:
    with suppress(httpx.HTTPError):
        return client.post("/v1/batch", json={"batch": batch + batch[-1:]}).status_code == 200
    return False


def sign_ups() -> list[list[dict[str, Any]]]:
    calls: list[list[dict[str, Any]]] = []
    for start in range(0, PEOPLE, BATCH):
        batch: list[dict[str, Any]] = []
        for n in range(start, start + BATCH):
            traits = {"email": f"p{n}@people.example"}
            batch.append({"type": "identify", "messageId": str(uuid4()), "userId": f"p{n}", "traits": traits})
            batch.append({"type": "track", "messageId": str(uuid4()), "userId": f"p{n}", "event": "Signed Up"})
        calls.append(batch)
    return calls


def purchases() -> list[list[dict[str, Any]]]:
    """Every fourth person buys."""
    return [
        [{"type": "track", "messageId": str(uuid4()), "userId": f"p{n}", "event": "Bought"}]
        for n in range(0, PEOPLE, 4)
    ]


def is_up(running: Product) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{running.url}/healthz", timeout=5).status_code == 200
    return False


def opens(mail: MailServer) -> set[str]:
    """Every third person opens what they got; who."""
    wanted = {f"p{n}@people.example" for n in range(0, PEOPLE, 3)}
    opened: set[str] = set()
    with httpx.Client(timeout=20, headers=PERSON) as client:
        for to, letter in mail.mails("Welcome"):
            if to in wanted:
                page = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
                pixel = re.search(r'src="([^"]+/t/o/[^"]+\.gif)"', page)
                assert pixel
                assert client.get(pixel[1]).status_code == 200
                opened.add(to)
    return opened


def is_still() -> bool:
    """Nothing is left to do at this moment of the product's clock."""
    if Change.objects.filter(consumer="journeys").exists():
        return False
    return not Message.objects.filter(state__in=["pending", "sending"]).exists()


def by_reference(person: Profile, compiled: graph.Graph, is_open: bool, buys: bool) -> Any:
    customer = Customer(compiled, person.pk, dict(person.attributes))
    customer.live([Did(NOW, "Signed Up")], NOW)
    later: list[Any] = [Reacted(NOW + LATER, "first", "opened")] if is_open else []
    customer.live(later + [Did(NOW + LATER, "Bought")] * buys, NOW + LATER)
    customer.live([], NOW + END)
    (one,) = customer.passages
    return one.walk.state, one.walk.reason, one.path, [(m.node_key, m.visit) for m in one.messages]


def by_engine(person: Profile, compiled: graph.Graph) -> Any:
    keys = {ident: node.key for ident, node in compiled.nodes.items()}
    one = Enrollment.objects.get(profile_id=person.pk)
    steps = StepRecord.objects.filter(enrollment_id=one.pk).order_by("visit")
    messages = Message.objects.filter(enrollment_id=one.pk).order_by("id")
    path = [(keys[step.node_id], step.port) for step in steps]
    return one.state, one.reason, path, [(keys[m.node_id or 0], m.visit) for m in messages]


def test_a_storm(shop: Product, mail: MailServer) -> None:
    chaos: Chaos = shop.chaos  # type: ignore[attr-defined]
    with chaos.second_beat():
        with chaos.going_on(ROUNDS, PAUSE):
            twice(shop, sign_ups())
        leap(chaos, LATER)
        wait_for(
            lambda: asked(lambda: Enrollment.objects.count() >= PEOPLE and is_still()), PATIENCE, "all were written to"
        )
        wait_for(lambda: is_up(shop), PATIENCE, "the web server answers again")
        opened = opens(mail)
        twice(shop, purchases())
        wait_for(lambda: asked(is_still), PATIENCE, "what they did is known")
        leap(chaos, END)
        active = Enrollment.objects.filter(state=Enrollment.State.ACTIVE)
        wait_for(lambda: asked(lambda: not active.exists() and is_still()), PATIENCE, "everybody has come to an end")
    told = f"seed {SEED}: {chaos.did}"

    assert Event.objects.filter(name="Signed Up").count() == PEOPLE, told
    assert Event.objects.filter(name="Bought").count() == len(range(0, PEOPLE, 4)), told
    assert Enrollment.objects.count() == PEOPLE, told
    version = Journey.objects.get(name="Storm").live
    assert version is not None
    compiled = graph.build(version)
    owners = dict(Identity.objects.filter(kind="user_id").values_list("value", "profile_id"))
    for n in range(PEOPLE):
        person = Profile.objects.get(pk=owners[f"p{n}"])
        is_open = f"p{n}@people.example" in opened
        assert by_engine(person, compiled) == by_reference(person, compiled, is_open, n % 4 == 0), f"{told}: p{n}"
    _nobody_got_anything_twice(mail, told)


def _nobody_got_anything_twice(mail: MailServer, told: str) -> None:
    """Every message that counts as sent came once; what came and does not count is shown as unknown."""
    came = Counter((to, letter["Subject"]) for to, letter in mail.mails())
    assert set(came.values()) == {1}, told
    messages = list(Message.objects.values_list("address", "template_id", "state"))
    assert {state for *_, state in messages} <= {"sent", "unknown"}, told
    subjects = dict(connection_rows("SELECT id, name FROM journeys_template"))
    sent = {(address, subjects[template]) for address, template, state in messages if state == "sent"}
    unknown = {(address, subjects[template]) for address, template, state in messages if state == "unknown"}
    assert sent <= set(came) <= sent | unknown, told


def connection_rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()
