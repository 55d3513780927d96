"""The sandbox's bar: the clock moves forward for those who may, the switch holds, production has neither."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from omnichannel.accounts.models import Workspace
from omnichannel.shared import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock_runs() -> Iterator[None]:
    clock.freeze(None)
    yield
    clock._read_at = -1.0


def ahead() -> timedelta:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(seconds), 0) FROM shared_clockoffset")
        return timedelta(seconds=cursor.fetchone()[0])


def test_an_hour_and_a_day(client_as: Callable[[str], Client]) -> None:
    client = client_as("marketer")
    assert client.post("/sandbox/time", {"by": "hour", "back": "/reports/"}).url == "/reports/"  # type: ignore[attr-defined]
    assert client.post("/sandbox/time", {"by": "day", "back": "https://evil.example/"}).url == "/"  # type: ignore[attr-defined]
    assert ahead() == timedelta(days=1, hours=1)
    assert client.post("/sandbox/time", {"by": "year"}).status_code == 404
    assert "1 day, 1 hour" in client.get("/reports/").content.decode().replace("\xa0", " ")


def test_the_switch(client_as: Callable[[str], Client]) -> None:
    client = client_as("marketer")
    client.post("/sandbox/simulation", {"on": "1"})
    assert Workspace.get().simulation_on is True
    assert 'aria-checked="true"' in client.get("/reports/").content.decode()
    client.post("/sandbox/simulation", {"on": "0"})
    assert Workspace.get().simulation_on is False


def test_analysts_look_only(client_as: Callable[[str], Client]) -> None:
    client = client_as("analyst")
    assert client.post("/sandbox/time", {"by": "day"}).status_code == 403
    assert client.post("/sandbox/simulation", {"on": "1"}).status_code == 403
    assert ahead() == timedelta(0)


def test_production_has_none_of_it(client_as: Callable[[str], Client], settings: Any) -> None:
    settings.SANDBOX = False
    client = client_as("admin")
    assert client.post("/sandbox/time", {"by": "day"}).status_code == 404
    assert client.post("/sandbox/simulation", {"on": "1"}).status_code == 404
    assert "sandbox-bar" not in client.get("/reports/").content.decode()
