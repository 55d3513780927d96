"""What the editor of conditions asks while somebody edits: kinds and suggestions, counts, reach, overlap, why."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from profiles.models import Identity, Segment, SegmentSize, Suppression
from profiles.queries import audience, schema_suggestions, size_trend
from profiles.queries.explanation import explained
from profiles.queries.sentences import tokens
from profiles.segments import ast
from profiles.segments.kind import KINDS
from profiles.segments.presets import PRESETS
from profiles.services import segments
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

GERMAN = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
GERMANS = {"type": "all", "of": [GERMAN]}
BOUGHT: dict[str, Any] = {"type": "event", "event": "Order Completed", "within": {"amount": 30, "unit": "days"}}
SignedIn = Callable[[str], Client]


@pytest.fixture
def germans(now: datetime) -> Segment:
    anna = builders.profile(country="DE", email="anna@shop.example", first_name="Anna")
    builders.profile(country="DE", phone="+49170")
    builders.profile(country="FR", email="blocked@shop.example")
    builders.event(anna, "Order Completed", now - timedelta(days=3), total=20)
    Suppression.objects.create(kind="email", address="blocked@shop.example", reason="complained", at=now)
    Identity.objects.create(profile=anna, kind="device_token", value="phone-1", created_at=now)
    made = segments.create("Germans", GERMANS)
    segments.build_all(now)
    made.refresh_from_db()
    return made


def post(client: Client, page: str, condition: Any, /, *args: Any, **more: Any) -> Any:
    text = condition if isinstance(condition, str) else json.dumps(condition)
    return client.post(reverse(page, args=args), {"condition": text} | more)


def test_only_who_is_signed_in_may_ask(client_as: SignedIn, germans: Segment) -> None:
    for page, args in (("count", ()), ("preview", ()), ("reach", ()), ("overlap", ()), ("why", (1,))):
        assert post(Client(), f"segment_{page}", GERMANS, *args).status_code == 302
        assert client_as("analyst").get(reverse(f"segment_{page}", args=args)).status_code == 405
    assert Client().get(reverse("segment_schema")).status_code == 302


def test_every_kind_has_a_sentence(client_as: SignedIn, germans: Segment) -> None:
    schema = client_as("analyst").get(reverse("segment_schema")).json()
    assert {one["type"] for one in schema["kinds"]} == set(KINDS)
    assert {icon for one in tokens.told(KINDS) for icon in one.icons()} == set(schema["icons"])
    named = {token["source"] for one in schema["kinds"] for token in one["tokens"] if token["as"] == "pick"}
    assert named <= set(schema["sources"])
    assert {"value": germans.pk, "label": "Germans", "count": 2} in schema["sources"]["segments"]


def test_suggestions_come_from_the_data(client_as: SignedIn, now: datetime) -> None:
    anna = builders.profile(country="DE", home={"city": "Berlin"}, vip=True, since="2026-01-01", tags=["a"])
    builders.profile(country="DE", age=40)
    for n in range(3):
        builders.event(anna, "Order Completed", now - timedelta(days=n), total=10.5, items=n)
    builders.event(anna, "Viewed", now)
    client = client_as("analyst")
    schema = client.get(reverse("segment_schema")).json()
    assert schema["sources"]["events"] == [
        {"value": "Order Completed", "label": "Order Completed", "count": 3},
        {"value": "Viewed", "label": "Viewed", "count": 1},
    ]
    known = schema["fields"]["attributes"]
    types = {one["name"]: (one["type"], one["count"]) for one in known}
    assert types["country"] == ("text", 2)
    assert (types["home.city"], types["vip"], types["since"]) == (("text", 1), ("boolean", 1), ("date", 1))
    assert (types["tags"], types["age"], types["email"]) == (("list", 1), ("number", 1), ("text", 0))
    assert known[0]["values"] == [{"value": "DE", "count": 2}]
    assert {one["name"]: one["opposite"] for one in schema["operators"]}["ne"] == "eq"
    properties = client.get(reverse("segment_schema"), {"event": "Order Completed"}).json()["properties"]
    assert [(one["name"], one["type"]) for one in properties] == [("items", "number"), ("total", "number")]
    assert properties[1]["values"] == [{"value": 10.5, "count": 3}]
    assert schema_suggestions.event_properties("Never seen") == []
    builders.event(anna, "Trial Started", now)  # the first of its name is there at once
    assert schema_suggestions.event_names() == ["Order Completed", "Trial Started", "Viewed"]


def test_rows_and_groups_are_counted_alone(client_as: SignedIn, germans: Segment) -> None:
    tree = {
        "type": "all",
        "of": [
            GERMAN,
            {"type": "any", "of": [BOUGHT | {"did": False}, {"type": "segment", "segment": germans.pk, "in": False}]},
            {"type": "attribute", "field": "country", "op": "eq"},
            {"type": "segment", "segment": 10**9, "in": True},
            GERMAN | {"off": True},
        ],
    }
    answer = post(client_as("analyst"), "segment_count", tree).json()
    assert answer["rows"] == {"of[0]": 2, "of[1]": 2, "of[1].of[0]": 2, "of[1].of[1]": 1}
    assert list(answer["problems"]) == ["of[2]", "of[3]"]
    assert answer["problems"]["of[2]"] == "Give a value."
    for odd in ("", "[", "[" * 5000, '{"type":"all","of":3}'):
        assert post(client_as("analyst"), "segment_count", odd).status_code == 200


def test_statements_do_not_grow_with_rows(client_as: SignedIn, germans: Segment) -> None:
    client, taken = client_as("analyst"), []
    for start, n in ((0, 1), (10, 1), (20, 30)):
        rows = [{**BOUGHT, "count": {"op": "at_least", "n": start + i}} for i in range(1, n + 1)]
        for page, args in (("segment_count", ()), ("segment_why", (germans.memberships.first().profile_id,))):  # type: ignore[union-attr]
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert post(client, page, {"type": "any", "of": rows}, *args).status_code == 200
            ours = [one for one in asked.captured_queries if "clockoffset" not in one["sql"]]  # read now and then
            taken.append((page, len(ours)))
    assert taken[2:4] == taken[4:]


def test_the_preview_counts_and_says_what_it_means(client_as: SignedIn, germans: Segment, now: datetime) -> None:
    found = audience.counted(ast.parse(GERMANS), now)
    assert (found.count, found.everybody) == (2, 3)
    client = client_as("analyst")
    shown = post(client, "segment_preview", GERMANS).content.decode()
    assert 'data-count="2"' in shown and "have country DE" in shown
    half = {"type": "any", "of": [GERMANS, {"type": "event"}]}
    shown = post(client, "segment_preview", half).content.decode()
    assert 'data-count="2"' in shown and "One row is not finished" in shown
    assert 'data-count="0"' in post(client, "segment_preview", {"type": "none", "of": [{}]}).content.decode()
    assert "No condition yet" in post(client, "segment_preview", "").content.decode()


def test_reach_leaves_out_blocked_addresses(client_as: SignedIn, germans: Segment, now: datetime) -> None:
    everybody = ast.parse({"type": "any", "of": [GERMAN, {"type": "attribute", "field": "country", "op": "is_set"}]})
    found = audience.reach(everybody, now)
    assert [(way.by, way.count) for way in found.ways] == [
        ("email", 1),
        ("phone", 1),
        ("device_token", 1),
        ("chat_id", 0),
    ]
    assert (found.count, found.unreachable) == (3, 1)
    shown = post(client_as("analyst"), "segment_reach", GERMANS).content.decode()
    assert '<strong data-way="email">1</strong>' in shown and "Anna" in shown


def test_overlap(client_as: SignedIn, germans: Segment, now: datetime) -> None:
    found = audience.overlap(ast.parse(BOUGHT), germans, now)
    assert (found.here, found.there, found.both, found.only_here, found.only_there, found.either) == (1, 2, 1, 0, 1, 2)
    client = client_as("analyst")
    assert 'data-both="1"' in post(client, "segment_overlap", BOUGHT, other=germans.pk).content.decode()
    assert post(client, "segment_overlap", BOUGHT, other="").content == b""
    assert post(client, "segment_overlap", BOUGHT, other=10**6).status_code == 404


def test_why_shows_each_question_with_what_was_found(client_as: SignedIn, germans: Segment, now: datetime) -> None:
    anna = germans.memberships.order_by("profile_id").first()
    assert anna is not None
    tree = {"type": "any", "of": [GERMAN, {"type": "none", "of": [BOUGHT]}, {"type": "event"}, GERMAN | {"off": True}]}
    lines = explained(ast.parse(tree, unfinished=True), anna.profile_id, now)
    assert [(line.depth, line.words, line.holds, line.group) for line in lines] == [
        (0, "Any of these", True, True),
        (1, "have country DE", True, False),
        (1, "None of these", False, True),
        (2, "did “Order Completed” in the last 30 days", True, False),
        (1, "Not finished", None, False),
        (1, "have country DE", None, False),
    ]
    assert [lines[1].found, lines[4].found, lines[5].found] == ["DE", "Choose what people do.", "switched off"]
    shown = post(client_as("analyst"), "segment_why", tree, anna.profile_id).content.decode()
    assert "found: DE" in shown
    assert post(client_as("analyst"), "segment_why", tree, 10**9).status_code == 404
    assert explained(ast.parse(GERMANS), 10**9, now) == []


def test_the_trend_is_drawn_from_the_history(germans: Segment, now: datetime) -> None:
    assert size_trend.trend(None, now) is None
    SegmentSize.objects.filter(segment=germans).delete()
    for days, size in ((40, 10), (15, 20), (5, 40)):
        SegmentSize.objects.create(segment=germans, hour=now - timedelta(days=days), size=size)
    found = size_trend.trend(germans.pk, now)
    assert found is not None
    assert (found.change, found.days) == (30, 30)
    assert found.line == "0.0,27.5 120.0,19.0 200.0,2.0 240.0,2.0"


@pytest.mark.parametrize("one", PRESETS, ids=lambda one: one.key)
def test_presets_are_understood_as_they_are(one: Any, now: datetime) -> None:
    read = ast.parse(one.condition)
    assert ast.parse(ast.dump(read)) == read
    assert audience.counted(read, now).count == 0
