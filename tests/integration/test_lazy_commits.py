"""Who only follows what is stored does not wait for the disk; who answers or sends does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from journeys.delivery import outbox
from journeys.engine import clocks, inbox, runner
from journeys.models import Message
from profiles.ingest import batch
from profiles.segments import membership
from profiles.services import segments
from tests import builders
from tests.conftest import NOW
from tests.integration.engine_world import DAY, sign_up
from tests.mail import mail_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now", "valkey")]
WELCOME = """
    start: entry_event(event="Signed Up") -> mail
    daily: entry_schedule(segment=who, repeat="daily", at="09:00") -> mail
    mail: send(template="Welcome") -> done
    done: exit()
"""
WORK = {inbox: "enroll", clocks: "plan", runner: "walk_all", membership: "update", batch: "_write", outbox: "Claimed"}


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


def telling(found: dict[str, str], name: str, run: Callable[..., Any]) -> Callable[..., Any]:
    """As `run`, and notes under which setting it ran."""

    def noting(*args: Any) -> Any:
        found[name.rpartition(".")[2]] = setting()
        return run(*args)

    return noting


def test_who_only_follows_does_not_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    signed_up = segments.create("Signed up", {"type": "event", "event": "Signed Up"})
    segments.build_all(NOW)
    builders.journey(WELCOME, who=signed_up.pk)
    found: dict[str, str] = {}
    for module, name in WORK.items():
        monkeypatch.setattr(module, name, telling(found, module.__name__, getattr(module, name)))
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")  # a test database never waits otherwise
    with mail_server() as server:
        builders.account("smtp", host=server.host, port=server.port, security="none", from_address="a@shop.example")
        sign_up("ada")
        for follow in (membership.take, inbox.take):
            assert follow(1000, NOW) > 0
            assert setting() == "on"
        assert runner.advance(NOW) == 1
        assert setting() == "on"
        assert outbox.send_due(NOW) == 1
        assert clocks.follow(NOW + DAY) == 1
        assert setting() == "on"
    assert Message.objects.get().state == "sent"
    following = dict.fromkeys(("membership", "inbox", "runner", "clocks"), "off")
    assert found == {**following, "batch": "on", "outbox": "on"}
