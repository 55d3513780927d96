"""The management API as a whole: who may call what, what its schema says, and that it answers as it says."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from django.core.cache import cache
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from omnichannel.shared.api import ApiThrottle
from profiles.services import segments
from tests import builders
from tests.integration.test_management_api import DRAWING, GERMANS, program

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(now: Any) -> None:
    """Nobody has asked anything in the last minute."""
    cache.clear()


WRITES = [
    ("post", "/api/segments/"),
    ("patch", "/api/segments/1/"),
    ("delete", "/api/segments/1/"),
    ("post", "/api/journeys/"),
    ("post", "/api/journeys/1/publish/"),
    ("post", "/api/journeys/1/pause/"),
    ("post", "/api/journeys/1/resume/"),
    ("post", "/api/journeys/1/archive/"),
    ("post", "/api/journeys/1/go_back/"),
    ("post", "/api/journeys/1/people/"),
    ("post", "/api/journeys/1/enroll/"),
    ("post", "/api/journeys/1/add-existing/"),
    ("post", "/api/journeys/1/backtest/"),
    ("post", "/api/journeys/1/save_as_template/"),
    ("post", "/api/journeys/from_yaml/"),
    ("post", "/api/journey_templates/1/start/"),
    ("post", "/api/templates/"),
    ("put", "/api/templates/1/"),
    ("delete", "/api/templates/1/"),
    ("post", "/api/imports/"),
    ("post", "/api/imports/1/start/"),
    ("post", "/api/imports/1/check/"),
    ("delete", "/api/imports/1/"),
    ("post", "/api/merges/1/undo/"),
    ("patch", "/api/companies/1/"),
    ("post", "/api/lists/"),
    ("patch", "/api/lists/1/"),
    ("delete", "/api/lists/1/"),
    ("post", "/api/lists/1/add/"),
    ("post", "/api/lists/1/remove/"),
    ("post", "/api/profiles/1/notes/"),
    ("post", "/api/profiles/1/consents/"),
    ("post", "/api/exports/"),
]
READS = [
    "/api/segments/",
    "/api/segments/1/",
    "/api/segments/1/members/",
    "/api/journeys/",
    "/api/journeys/1/explain/?profile=1",
    "/api/journeys/1/backtests/2/",
    "/api/journeys/1/",
    "/api/journeys/1/validate/",
    "/api/journeys/1/report/",
    "/api/journeys/1/audience/",
    "/api/journeys/1/people/",
    "/api/journeys/1/yaml/",
    "/api/journey_templates/",
    "/api/templates/",
    "/api/profiles/",
    "/api/profiles/1/",
    "/api/profiles/1/events/",
    "/api/profiles/1/messages/",
    "/api/profiles/1/enrollments/",
    "/api/messages/",
    "/api/messages/1/",
    "/api/templates/1/",
    "/api/imports/",
    "/api/imports/1/",
    "/api/imports/1/errors/",
    "/api/segments/1/sizes/",
    "/api/profiles/1/export/",
    "/api/merges/",
    "/api/merges/1/",
    "/api/companies/",
    "/api/companies/1/",
    "/api/companies/1/members/",
    "/api/lists/",
    "/api/lists/1/",
    "/api/lists/1/members/",
    "/api/profiles/1/notes/",
    "/api/profiles/1/consents/",
    "/api/profiles/1/lists/",
    "/api/profiles/1/companies/",
    "/api/identity/",
    "/api/jobs/",
    "/api/jobs/1/",
    "/api/jobs/1/files/2/",
]


@pytest.mark.parametrize(("method", "address"), WRITES)
def test_who_may_write(method: str, address: str, write_key: str) -> None:
    assert getattr(program("analyst"), method)(address, {}).status_code == 403
    assert getattr(program("marketer"), method)(address, {}).status_code in (400, 404)
    stranger = APIClient()
    refused = getattr(stranger, method)(address, {})
    assert (refused.status_code, list(refused.data)) == (401, ["error"])
    stranger.credentials(HTTP_AUTHORIZATION=f"Bearer {write_key}")
    assert getattr(stranger, method)(address, {}).status_code == 401


@pytest.mark.parametrize("address", READS)
def test_who_may_read(address: str) -> None:
    assert program("analyst").get(address).status_code in (200, 404)
    assert APIClient().get(address).status_code == 401


def test_everything_in_the_schema_is_in_these_lists() -> None:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    asked = {("post", "/api/segments/count/"), ("post", "/api/profiles/{id}/explain/")}  # nothing is written
    writes = {(m, p) for p, ms in paths.items() for m in ms if m != "get"} - asked
    named = {(method, address.replace("/1/", "/{id}/")) for method, address in WRITES}
    assert writes - named <= {
        ("put", "/api/segments/{id}/"),
        ("patch", "/api/templates/{id}/"),
        ("post", "/api/profiles/{id}/erase/"),
        ("post", "/api/jobs/{id}/stop/"),  # whoever began it may stop it
    }
    reads = {p for p, ms in paths.items() if "get" in ms}
    seconds = {"backtests": "job", "files": "file_id"}
    addresses = [address.partition("?")[0].replace("/1/", "/{id}/").split("/") for address in READS]
    assert reads == {
        "/".join(f"{{{seconds[parts[n - 1]]}}}" if part == "2" else part for n, part in enumerate(parts))
        for parts in addresses
    }


def test_a_signed_in_person_uses_it_too_with_the_token_of_the_page(client_as: Callable[[str], Client]) -> None:
    assert client_as("analyst").get("/api/segments/").status_code == 200
    body = json.dumps({"condition": GERMANS})
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client_as("marketer").cookies
    refused = strict.post("/api/segments/count/", body, content_type="application/json")
    assert (refused.status_code, list(refused.json())) == (403, ["error"])


def test_one_may_not_ask_too_often(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ApiThrottle, "rate", "2/min", raising=False)
    api, other = program("analyst"), program("analyst")
    assert [api.get("/api/segments/").status_code for _ in range(3)] == [200, 200, 429]
    assert other.get("/api/segments/").status_code == 200


def test_the_schema_is_for_those_who_may_read(client: Client, api_key: str, client_as: Callable[[str], Client]) -> None:
    assert client.get("/api/schema/").status_code == 401
    assert client.get("/api/schema/", headers={"Authorization": f"Bearer {api_key}"}).status_code == 200
    assert client_as("analyst").get("/api/schema/").status_code == 200


def test_the_schema_is_valid_and_speaks_without_warnings(capfd: pytest.CaptureFixture[str]) -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    assert "arning" not in capfd.readouterr().err
    assert schema["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"


def test_the_page_lists_every_call(client_as: Callable[[str], Client]) -> None:
    page = client_as("analyst").get("/api/docs/").content.decode()
    for path in SchemaGenerator().get_schema(request=None, public=True)["paths"]:
        assert path in page
    assert "https://cdn" not in page


def test_whatever_is_sent_is_answered_and_never_an_accident(api_key: str) -> None:
    """Made-up requests for every call of the schema: an answer that it names, and an error that says what is needed."""
    builders.journey(DRAWING)
    segments.create("Germans", GERMANS)
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {api_key}")
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    for found in schema.get_all_operations():
        _ask(api, found.ok())


def _ask(api: APIClient, operation: Any) -> None:
    named = {int(status) for status in operation.definition.raw["responses"]} | {400, 404}

    @given(case=operation.as_strategy())
    @hypothesis_settings(
        max_examples=5,
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        cache.clear()
        address = case.formatted_path + (f"?{urlencode(case.query, doseq=True)}" if case.query else "")
        body = case.body if isinstance(case.body, (dict, list, str, int, float, bool)) else {}
        given = {} if case.method == "GET" else {"data": body, "format": "json"}
        answer = getattr(api, case.method.lower())(address, **given)
        assert answer.status_code in named, (case.method, address, body)
        if answer.status_code >= 400 and answer.get("Content-Type", "").startswith("application/json"):
            assert answer.json()["error"]

    ask()
