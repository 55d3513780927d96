"""The management API of what hangs on people: companies, lists, notes, answers to topics, why, who is who."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from omnichannel.accounts.models import ApiKey
from profiles.models import Account, ConsentChange, Identity, ListEntry, Note, Profile, Topic
from profiles.segments import membership
from profiles.services import segments
from tests.builders import alias, calls, identify, tracked
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
RETAIL = {"type": "account", "field": "industry", "op": "eq", "value": "Retail"}


@pytest.fixture(autouse=True)
def fresh(now: Any) -> None:
    """Nobody has asked anything in the last minute."""
    cache.clear()


def program(role: str = "marketer", by: Any = None) -> APIClient:
    """A program with a key of that role."""
    client = APIClient()
    key = ApiKey.issue("Tests", ApiKey.Kind.API, role=role, by=by)[1]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def group(user: str, key: str, **traits: Any) -> dict[str, Any]:
    return {"type": "group", "userId": user, "groupId": key, "traits": traits}


def person(user: str) -> int:
    return Identity.objects.get(kind="user_id", value=user).profile_id


def test_companies_are_found_read_and_changed() -> None:
    calls(group("u1", "acme", name="Acme", industry="Food"), group("u2", "acme"), group("u1", "zeta"))
    api = program()
    acme = Account.objects.get(key="acme")
    listed = api.get("/api/companies/").data["results"]
    assert [(one["key"], one["name"], one["people"]) for one in listed] == [("zeta", "zeta", 1), ("acme", "Acme", 2)]
    assert [one["id"] for one in api.get("/api/companies/?search=ACM").data["results"]] == [acme.pk]
    assert [one["id"] for one in api.get("/api/companies/?key=acme").data["results"]] == [acme.pk]
    members = api.get(f"/api/companies/{acme.pk}/members/").data["results"]
    assert [one["profile"] for one in members] == [person("u2"), person("u1")]
    mine = api.get(f"/api/profiles/{person('u1')}/companies/").data["results"]
    assert sorted(one["key"] for one in mine) == ["acme", "zeta"]
    made = segments.create("Retail", RETAIL)
    segments.build_all(NOW)
    changed = api.patch(f"/api/companies/{acme.pk}/", {"attributes": {"industry": "Retail", "name": None}}).data
    assert (changed["attributes"], changed["name"], changed["people"]) == ({"industry": "Retail"}, "acme", 2)
    while membership.take(100, NOW):
        pass
    made.refresh_from_db()
    assert made.size == 2
    odd = api.patch(f"/api/companies/{acme.pk}/", {"attributes": {"timezone": "Moon"}})
    assert (odd.status_code, odd.data["field"]) == (400, "attributes")
    assert api.get("/api/companies/999999/").status_code == 404


def test_pages_of_companies_cost_the_same_however_long() -> None:
    api, counts = program(), []
    api.get("/api/companies/")  # notes that the key is in use
    for n in (2, 20):
        calls(*(group(f"u{n}-{i}", f"c{n}-{i}") for i in range(n)))
        with CaptureQueriesContext(connection) as captured:
            assert len(api.get("/api/companies/").data["results"]) >= n
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_lists_are_filled_and_emptied_in_batches(admin: Any) -> None:
    api = program(by=admin)
    calls(*(identify(f"u{n}", email=f"u{n}@x.example") for n in range(4)))
    made = api.post("/api/lists/", {"name": "Fair", "description": "Came by"})
    assert (made.status_code, made.data["people"]) == (201, 0)
    address = f"/api/lists/{made.data['id']}/"
    taken = api.post("/api/lists/", {"name": "Fair"})
    assert (taken.status_code, taken.data["field"]) == (400, "name")
    names = {"profiles": [person("u0"), 999_999], "people": ["U1@X.example ", "u2", "u0", "nobody"]}
    added = api.post(f"{address}add/", names)
    assert added.data == {"changed": 3, "unchanged": 0, "unknown": ["999999", "nobody"]}
    assert api.post(f"{address}add/", {"people": ["u2", "u3"]}).data == {"changed": 1, "unchanged": 1, "unknown": []}
    assert set(ListEntry.objects.values_list("source", flat=True)) == {"api"}
    assert api.get(address).data["people"] == 4
    on = api.get(f"{address}members/?page_size=3").data
    assert (on["results"][0]["email"], bool(on["next"])) == ("u3@x.example", True)
    removed = api.post(f"{address}remove/", {"profiles": [person("u0")], "people": ["u1", "zoe"]})
    assert removed.data == {"changed": 2, "unchanged": 0, "unknown": ["zoe"]}
    assert [one["name"] for one in api.get(f"/api/profiles/{person('u2')}/lists/").data["results"]] == ["Fair"]
    for body, field in (({}, "people"), ({"people": ["x"] * 5_001}, "people"), ({"profiles": ["x"]}, "profiles.0")):
        refused = api.post(f"{address}add/", body)
        assert (refused.status_code, refused.data["field"]) == (400, field)
    assert api.patch(address, {"name": "Trade fair"}).data["name"] == "Trade fair"
    segments.create("On it", {"type": "list", "list": made.data["id"], "in": True})
    assert "On it" in api.delete(address).data["error"]


def test_filling_a_list_takes_as_many_statements_for_many() -> None:
    api, counts = program(), []
    address = f"/api/lists/{api.post('/api/lists/', {'name': 'Fair'}).data['id']}/add/"
    for n in (2, 50):
        calls(*(identify(f"u{n}-{i}") for i in range(n)))
        with CaptureQueriesContext(connection) as captured:
            assert api.post(address, {"people": [f"u{n}-{i}" for i in range(n)]}).data["changed"] == n
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_listing_people_takes_as_many_statements_for_many() -> None:
    api, counts = program(), []
    api.get("/api/profiles/")  # the first call with a key notes that it is used
    for n in (2, 12):
        calls(*(identify(f"u{n}-{i}") for i in range(n)))
        with CaptureQueriesContext(connection) as captured:
            seen = [one["last_seen_at"] for one in api.get("/api/profiles/").data["results"]]
        assert None not in seen
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_notes_are_written_and_read(admin: Any) -> None:
    calls(identify("u1"))
    one = person("u1")
    written = program(by=admin).post(f"/api/profiles/{one}/notes/", {"text": " Called, likes blue. "})
    assert (written.status_code, written.data["text"], written.data["by"]) == (201, "Called, likes blue.", str(admin))
    assert program().post(f"/api/profiles/{one}/notes/", {"text": "From a program"}).data["by"] == ""
    read = program("analyst").get(f"/api/profiles/{one}/notes/").data["results"]
    assert [note["text"] for note in read] == ["From a program", "Called, likes blue."]
    empty = program().post(f"/api/profiles/{one}/notes/", {"text": "  "})
    assert (empty.status_code, empty.data["field"]) == (400, "text")
    assert Note.objects.count() == 2


def test_answers_to_topics_are_read_and_written() -> None:
    Topic.objects.create(slug="news", name="News", default_subscribed=True)
    calls(identify("u1"))
    address, api = f"/api/profiles/{person('u1')}/consents/", program()
    (topic,) = api.get(address).data
    email = next(one for one in topic["answers"] if one["channel"] == "email")
    assert (topic["topic"], email["subscribed"], email["said_at"]) == ("news", True, None)
    (said,) = api.post(address, {"topic": "news", "channel": "email", "subscribed": False}).data
    states = {one["channel"]: one["subscribed"] for one in said["answers"]}
    assert (states["email"], states["sms"]) == (False, True)
    assert ConsentChange.objects.get().source == "api"
    for body, field in (
        ({"topic": "odd", "subscribed": True}, "topic"),
        ({"topic": "news", "channel": "fax", "subscribed": True}, "channel"),
        ({"topic": "news"}, "subscribed"),
    ):
        refused = api.post(address, body)
        assert (refused.status_code, refused.data["field"]) == (400, field)


def test_why_somebody_matches_or_does_not() -> None:
    calls(identify("u1", "v1", plan="pro"), tracked("Bought", "u1"), group("u1", "acme", industry="Food"))
    condition = {
        "type": "any",
        "of": [
            {"type": "event", "event": "Bought", "count": {"op": "at_least", "n": 2}},
            RETAIL,
            {"type": "attribute", "field": "plan", "op": "eq", "value": "pro", "off": True},
        ],
    }
    api, address = program("analyst"), f"/api/profiles/{person('u1')}/explain/"
    told = api.post(address, {"condition": condition}).data
    assert told["matches"] is False
    assert [(line["depth"], line["holds"], line["found"]) for line in told["lines"]] == [
        (0, False, ""),
        (1, False, "1 time"),
        (1, False, "Food"),
        (1, None, "switched off"),
    ]
    made = segments.create("Bought", {"type": "event", "event": "Bought"})
    assert api.post(address, {"segment": made.pk}).data["matches"] is True
    odd = api.post(address, {"condition": {"type": "all", "of": [{"type": "event"}]}})
    assert (odd.status_code, odd.data["path"]) == (400, "condition.of[0].event")
    assert api.post(address, {"segment": 999_999}).data["field"] == "segment"
    assert api.post(address, {}).data["field"] == "condition"


def test_old_numbers_lead_to_who_remained() -> None:
    calls(identify("u1"), identify("u2"))
    old = person("u1")
    calls(alias("u1", "u2"))
    survivor = Profile.objects.get(merged_into=None).pk
    gone = ({old, person("u2")} | set(Profile.objects.values_list("pk", flat=True))) - {survivor}
    for ident in gone:
        assert program().post(f"/api/profiles/{ident}/notes/", {"text": "Hello"}).status_code == 201
    assert set(Note.objects.values_list("profile_id", flat=True)) == {survivor}


def test_the_rules_of_who_is_who_are_read() -> None:
    told = program("analyst").get("/api/identity/").data
    assert (told["merges_a_day"], told["shared_after"]) == (50, 3)
    assert "test@test.com" in told["blocked"]
    kinds = {one["kind"]: one for one in told["kinds"]}
    assert (kinds["user_id"]["known"], kinds["user_id"]["most"], kinds["device_token"]["follows"]) == (True, 20, True)
    assert program("admin").post("/api/identity/", {}).status_code == 405
