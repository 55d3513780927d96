"""Two programs change one segment or template: the second is told, and wipes nothing out."""

from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from journeys.models import Template
from profiles.models import Segment
from tests.integration.test_management_api import program

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
GERMANS = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
HELLO = {"subject": "Hello", "format": "html", "body": "<p>Hello</p>", "text": "Hello"}


def made(what: str) -> tuple[APIClient, str, dict[str, Any]]:
    cache.clear()
    api = program()
    bodies: dict[str, Any] = {"segments": {"condition": GERMANS}, "templates": {"channel": "email", "content": HELLO}}
    answer = api.post(f"/api/{what}/", {"name": "One", **bodies[what]})
    assert answer.status_code == 201, answer.data
    return api, f"/api/{what}/{answer.data['id']}/", answer.data


def name(what: str) -> str:
    return str((Segment if what == "segments" else Template).objects.get().name)


@pytest.mark.parametrize("what", ["segments", "templates"])
@pytest.mark.parametrize("by_header", [True, False])
def test_whoever_saves_second_is_refused_and_told_what_holds(what: str, by_header: bool) -> None:
    api, url, first = made(what)
    read = api.get(url)
    assert (read.data["version"], read["ETag"]) == (first["version"], f'"{first["version"]}"')

    def change(to: str, version: str) -> Any:
        if by_header:
            return api.patch(url, {"name": to}, headers={"If-Match": f'"{version}"'})
        return api.patch(url, {"name": to, "version": version})

    second = change("Two", first["version"])
    assert (second.status_code, second.data["name"]) == (200, "Two")
    assert second.data["version"] != first["version"]
    refused = change("Three", first["version"])
    assert refused.status_code == 409
    assert refused.json() == {
        "error": "Somebody else has saved this since you read it. Read it again, then decide.",
        "version": second.data["version"],
    }
    assert name(what) == "Two"
    assert change("Three", refused.json()["version"]).status_code == 200
    assert api.patch(url, {"name": "Four"}).status_code == 200  # who does not ask is not refused
    assert api.patch(url, {"name": "Five"}, headers={"If-Match": "*"}).status_code == 200
    assert name(what) == "Five"
