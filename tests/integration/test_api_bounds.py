"""What a program may send at most, and whose deed a change by a program's key is."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from journeys.models import Journey
from omnichannel.accounts import audit
from omnichannel.accounts.models import ApiKey, User
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def send(admin: User) -> Any:
    """Post a text with the key that the admin made."""
    cache.clear()
    key = ApiKey.issue("Shop", ApiKey.Kind.API, role="marketer", by=admin)[1]

    def post(address: str, text: str) -> Any:
        return Client().post(address, text, content_type="application/json", headers={"Api-Key": key})

    return post


def test_a_body_that_is_too_long_is_not_read(send: Any) -> None:
    answer = send("/api/journeys/", json.dumps({"name": "A", "description": "x" * 2_500_000}))
    assert (answer.status_code, "error" in answer.json()) == (400, True)
    assert not Journey.objects.exists()


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/journeys/", '{"name": "A", "nodes": %s}'),
        ("/api/journeys/{pk}/enroll/", '{"people": [{"user_id": "a", "properties": {"a": %s}}]}'),
        ("/api/segments/count/", '{"condition": %s}'),
    ],
)
@pytest.mark.parametrize("depth", [900, 100_000])
def test_a_body_that_is_too_deep_is_refused(send: Any, address: str, body: str, depth: int) -> None:
    drawn = builders.journey("start: entry_api() -> done\ndone: exit()")
    answer = send(address.format(pk=drawn.pk), body % ("[" * depth + "]" * depth))
    assert (answer.status_code, "error" in answer.json()) == (400, True)


def test_a_change_by_a_key_is_the_deed_of_who_made_the_key(send: Any, admin: User) -> None:
    drawn = builders.journey("start: entry_event(event='A') -> done\ndone: exit()")
    assert send(f"/api/journeys/{drawn.pk}/pause/", "{}").status_code == 200
    latest = next(audit.entries(audit.filtered()))
    assert (latest.who, latest.what) == (str(admin), "paused journey “Test”")
