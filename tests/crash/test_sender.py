"""Senders die at every boundary, by kill -9: every message still arrives once, and at most one is left unknown."""

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from journeys.delivery.outbox import send_due
from journeys.delivery.recover import recover
from journeys.models import Delivery, Message
from omnichannel.shared.broker import client
from tests import builders, processes
from tests.mail import Inbox, mail_server
from tests.product import wait_for

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
PEOPLE = 12


@pytest.fixture
def inbox(transactional_db: None) -> Iterator[Inbox]:
    with mail_server() as server:
        settings: dict[str, Any] = {"host": server.host, "port": server.port, "security": "none", "connections": 1}
        builders.account("smtp", **settings, from_address="shop@shop.example")
        builders.account("sandbox", "sms")
        template = builders.email_template()
        for n in range(PEOPLE):
            builders.message(builders.profile(email=f"p{n}@shop.example"), template)
        yield server


def killed(failpoint: str, now: datetime, env: dict[str, str]) -> None:
    """Run a sender until it dies at the failpoint."""
    sender = processes.start(env, "tests.crash.sender_process", now, failpoint=failpoint)
    assert sender.wait(60) == -signal.SIGKILL, sender.complaints()[-2000:]
    # PostgreSQL notices the closed connection a moment later, and lets the lock go.
    wait_for(lambda: not locks(), 10, "the lock of the dead sender is free")


def locks() -> int:
    """Advisory locks that somebody holds in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE locktype = 'advisory' AND datname = current_database()"  # other tests run in other databases
        )
        return int(cursor.fetchone()[0])


def states() -> Counter[str]:
    return Counter(Message.objects.values_list("state", flat=True))


def send_all(now: datetime) -> None:
    while send_due(now):
        pass


@pytest.mark.parametrize(
    ("failpoint", "unknown"),
    [
        ("delivery.claimed:1", 0),  # nothing has left
        ("delivery.before_hand_over:1", 1),  # noted, did not leave: cannot be told from the next
        ("delivery.before_hand_over:5", 1),
        ("delivery.after_hand_over:5", 1),  # the server has it, the note does not say so
        ("delivery.before_write_back:1", 0),  # everything has left, and every note says so
    ],
)
def test_killed_once(failpoint: str, unknown: int, inbox: Inbox, now: datetime, process_env: dict[str, str]) -> None:
    killed(failpoint, now, process_env)
    assert states() == {"sending": PEOPLE}
    assert recover(now) == PEOPLE
    send_all(now)
    assert states() == Counter({"sent": PEOPLE - unknown, "unknown": unknown} if unknown else {"sent": PEOPLE})
    counted = Counter(inbox.addresses)
    assert max(counted.values()) == 1
    missing = PEOPLE - len(counted)
    assert missing == (1 if unknown and failpoint.startswith("delivery.before_hand_over") else 0)
    assert recover(now) == 0
    # What was handed over can be read, even though the process that rendered it is gone.
    assert Delivery.objects.filter(rendered=None).count() == 0


def test_a_flushed_valkey_leaves_all_unknown_and_doubles_nothing(
    inbox: Inbox, now: datetime, process_env: dict[str, str]
) -> None:
    killed("delivery.after_hand_over:5", now, process_env)
    client().flushdb()
    assert recover(now) == PEOPLE
    send_all(now)
    assert states() == {"unknown": PEOPLE}
    assert len(inbox.taken) == 5


def test_a_sender_that_lives_is_left_alone(inbox: Inbox, now: datetime) -> None:
    """Recovery runs while the server holds a message: it must not touch it."""
    found: list[int] = []
    original = inbox.handle_DATA

    async def meanwhile(*args: Any) -> str:
        if not found:
            found.append(await recovering(now))
        return await original(*args)

    inbox.handle_DATA = meanwhile  # type: ignore[method-assign,assignment]
    send_all(now)
    assert found == [0]
    assert states() == {"sent": PEOPLE}
    assert Counter(inbox.addresses) == Counter({f"p{n}@shop.example": 1 for n in range(PEOPLE)})


async def recovering(now: datetime) -> int:
    """A recovery on a connection of its own."""
    from asgiref.sync import sync_to_async

    def run() -> int:
        try:
            return recover(now)
        finally:
            connection.close()

    return await sync_to_async(run, thread_sensitive=False)()


def test_the_sandbox_sends_again_what_was_in_the_air(inbox: Inbox, now: datetime, process_env: dict[str, str]) -> None:
    builders.account("sandbox")
    killed("delivery.after_hand_over:5", now, process_env)
    recover(now)
    send_all(now)
    assert states() == {"sent": PEOPLE}
    assert Delivery.objects.count() == PEOPLE
