"""Addresses and answers that no page makes: told as a fault of the request, never as ours."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from tests import builders

pytestmark = pytest.mark.django_db
HUGE = "9" * 40


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/people/?q=%00", 200),  # a sign that no text holds is left out
        ("/search/?q=%00", 400),
        ("/people/?segment=²", 200),
        (f"/people/?after={HUGE}_1", 200),
        ("/settings/audit/?who=²", 200),
        ("/reports/?from=0001-01-01&to=9999-12-31", 200),
        ("/api/messages/?from=0001-01-01&to=9999-12-31", 200),
        (f"/people/{HUGE}/", 404),
    ],
)
def test_no_address_breaks_a_page(address: str, status: int, client_as: Callable[[str], Client]) -> None:
    assert client_as("admin").get(address).status_code == status


def test_a_page_far_behind_the_last_one(client_as: Callable[[str], Client]) -> None:
    journey = builders.journey('start: entry_event(event="Signed Up") -> done\ndone: exit()')
    answer = client_as("analyst").get(f"/journeys/{journey.pk}/people/?page={HUGE}")
    assert (answer.status_code, list(answer.context["rows"])) == (200, [])


def test_programs_are_told_in_json(client_as: Callable[[str], Client]) -> None:
    document = {"name": "x", "nodes": [], "edges": [], "settings": {"goal_event": "x" * 300}}
    answer = client_as("marketer").post("/api/journeys/", json.dumps(document), content_type="application/json")
    assert (answer.status_code, set(answer.json())) == (400, {"error", "id"})


def test_settings_of_a_document_are_read_as_they_are_checked(client_as: Callable[[str], Client]) -> None:
    document = {"name": "x", "nodes": [], "edges": [], "settings": {"goal_event": "Bought", "goal_exits": "yes"}}
    answer = client_as("marketer").post("/api/journeys/", json.dumps(document), content_type="application/json")
    assert (answer.status_code, answer.json()["settings"]["goal_exits"]) == (201, True)
