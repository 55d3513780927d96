"""The management API: what each call does, who may make it, and how it refuses."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from journeys.engine import inbox, runner
from journeys.models import Journey, Template
from omnichannel.accounts.models import ApiKey
from profiles.models import Identity, Segment
from profiles.services import segments
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
GERMANS = {"type": "all", "of": [{"type": "attribute", "field": "country", "op": "eq", "value": "DE"}]}
DRAWING = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> wait
    wait: delay(amount=2, unit="days") -> done
    done: exit()
"""


@pytest.fixture(autouse=True)
def fresh(now: Any) -> None:
    """Nobody has asked anything in the last minute."""
    cache.clear()


def program(role: str = "marketer") -> APIClient:
    """A program with a key of that role."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {ApiKey.issue('Tests', ApiKey.Kind.API, role=role)[1]}")
    return client


def test_segments_are_made_counted_changed_and_deleted() -> None:
    api = program()
    for country in ("DE", "DE", "FR"):
        builders.profile(country=country, email=f"{country}@shop.example".lower())
    counted = api.post("/api/segments/count/", {"condition": GERMANS})
    assert (counted.status_code, counted.data["count"], counted.data["everybody"]) == (200, 2, 3)
    made = api.post("/api/segments/", {"name": "Germans", "condition": GERMANS})
    assert made.status_code == 201
    assert made.data["state"] == "building"
    segments.build_all(NOW)
    address = f"/api/segments/{made.data['id']}/"
    read = api.get(address).data
    assert (read["state"], read["size"], read["condition"]) == ("live", 2, GERMANS)
    assert "DE" in read["in_words"]
    inside = api.get(f"{address}members/").data["results"]
    assert [(one["email"], one["reason"]) for one in inside] == [("de@shop.example", "definition")] * 2
    changed = api.patch(address, {"name": "Deutsche"}).data
    assert (changed["name"], changed["state"]) == ("Deutsche", "live")
    assert api.get("/api/segments/?search=deut").data["results"][0]["id"] == read["id"]
    assert api.get("/api/segments/?search=nobody").data["results"] == []
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404


def test_a_condition_that_cannot_be_understood_says_where() -> None:
    odd = {"type": "all", "of": [{"type": "attribute", "field": "country", "op": "resembles", "value": "DE"}]}
    for address in ("/api/segments/count/", "/api/segments/"):
        answer = program().post(address, {"name": "Odd", "condition": odd})
        assert (answer.status_code, answer.data["path"]) == (400, "condition.of[0].op")
    assert not Segment.objects.exists()
    answer = program().post("/api/segments/", {"condition": GERMANS})
    assert (answer.status_code, answer.data) == (400, {"error": "This field is required.", "field": "name"})


def test_a_segment_in_use_stays() -> None:
    segment = segments.create("Germans", GERMANS)
    builders.journey("start: entry_segment(segment=s) -> done\ndone: exit()", s=segment, publish=False)
    answer = program().delete(f"/api/segments/{segment.pk}/")
    assert (answer.status_code, list(answer.data)) == (409, ["error"])
    assert Segment.objects.filter(pk=segment.pk).exists()


def test_a_journey_is_the_same_after_a_round_trip() -> None:
    api = program()
    drawn = builders.journey(
        DRAWING, name="Hello", publish=False, settings={"goal_event": "Order Completed", "reentry": "once"}
    )
    document = api.get(f"/api/journeys/{drawn.pk}/").data
    again = api.post("/api/journeys/", {**document, "name": "Hello again"}, format="json")
    assert again.status_code == 201, again.data
    drop = {"id", "name", "created_at", "updated_at"}
    assert {k: v for k, v in again.data.items() if k not in drop} == {
        k: v for k, v in document.items() if k not in drop
    }
    assert [node["kind"] for node in again.data["nodes"]] == ["entry_event", "send", "delay", "exit"]
    assert again.data["settings"]["goal_event"] == "Order Completed"


def test_a_journey_lives_by_its_verbs() -> None:
    api = program()
    made = api.post("/api/journeys/", {"name": "Empty"}, format="json").data
    address = f"/api/journeys/{made['id']}/"
    problems = api.get(f"{address}validate/").data
    assert problems[0]["level"] == "error"
    refused = api.post(f"{address}publish/")
    assert (refused.status_code, refused.data["problems"]) == (409, [p for p in problems if p["level"] == "error"])
    drawn = builders.journey(DRAWING, publish=False)
    address = f"/api/journeys/{drawn.pk}/"
    assert api.get(f"{address}validate/").data == []
    for verb, state in (("publish", "live"), ("pause", "paused"), ("resume", "live"), ("archive", "archived")):
        answer = api.post(f"{address}{verb}/")
        assert (answer.status_code, answer.data["state"]) == (200, state)
    assert api.post(f"{address}resume/").status_code == 409
    assert [one["id"] for one in api.get("/api/journeys/?state=archived").data["results"]] == [drawn.pk]
    assert api.get("/api/journeys/?state=odd").data["field"] == "state"


def test_a_document_that_makes_no_journey_says_where() -> None:
    nodes = [{"key": "start", "kind": "entry_event"}, {"key": "x", "kind": "teleport"}]
    answer = program().post("/api/journeys/", {"name": "Odd", "nodes": nodes}, format="json")
    assert (answer.status_code, answer.data["path"]) == (400, "nodes[1]")
    assert not Journey.objects.exists()


def test_a_report_is_the_funnel() -> None:
    drawn = builders.journey(DRAWING)
    builders.counted(drawn, mail={"entered": 4, "sent": 4})
    read = program("analyst").get(f"/api/journeys/{drawn.pk}/report/?from=2026-03-01&to=2026-03-02").data
    assert (read["first"], read["last"]) == ("2026-03-01", "2026-03-02")
    assert [stage["key"] for stage in read["stages"]] == ["entered", "sent", "opened", "clicked", "converted"]
    assert {step["key"]: step["counts"] for step in read["steps"]}["mail"] == {"entered": 4, "sent": 4} | dict.fromkeys(
        ("opened_of", "clicked_of", "unsubscribed_of"), 0
    )


def test_templates_are_checked_by_their_channel() -> None:
    api = program()
    content = {"subject": "Hi {{ first_name }}", "body": "<mjml><mj-body></mj-body></mjml>"}
    made = api.post("/api/templates/", {"name": "Hi", "channel": "email", "content": content}, format="json")
    assert made.status_code == 201
    assert made.data["content"]["format"] == "mjml"
    address = f"/api/templates/{made.data['id']}/"
    patched = api.patch(address, {"content": {"subject": "Hello"}}, format="json").data
    assert (patched["content"]["subject"], patched["content"]["body"]) == ("Hello", content["body"])
    taken = api.post("/api/templates/", {"name": "Hi", "channel": "sms", "content": {"body": "x"}}, format="json")
    assert (taken.status_code, taken.data["field"]) in ((400, "name"), (409, "name"))
    odd = api.post("/api/templates/", {"name": "Fax", "channel": "fax", "content": {}}, format="json")
    assert (odd.status_code, odd.data["field"]) == (400, "channel")
    long = api.patch(address, {"content": {"subject": "x" * 400}}, format="json")
    assert (long.status_code, long.data["field"]) == (400, "content.subject")
    assert api.delete(address).status_code == 204
    builders.journey(DRAWING)
    used = api.delete(f"/api/templates/{Template.objects.get(name='Welcome').pk}/")
    assert used.status_code == 409


def test_people_are_found_and_read() -> None:
    api = program("analyst")
    anna = builders.profile(first_name="Anna", email="anna@shop.example")
    builders.profile(first_name="Bert", email="bert@shop.example")
    Identity.objects.create(profile=anna, kind="email", value="anna@shop.example", created_at=NOW)
    builders.event(anna, "Signed Up", plan="free")
    builders.event(anna, "Order Completed", NOW + timedelta(hours=1), total=20)
    assert [one["name"] for one in api.get("/api/profiles/").data["results"]] == ["Bert", "Anna"]
    assert [one["id"] for one in api.get("/api/profiles/?search=anna@shop.example").data["results"]] == [anna.pk]
    read = api.get(f"/api/profiles/{anna.pk}/").data
    assert read["attributes"]["email"] == "anna@shop.example"
    assert [(one["kind"], one["value"]) for one in read["identities"]] == [("email", "anna@shop.example")]
    events = api.get(f"/api/profiles/{anna.pk}/events/").data["results"]
    assert [(one["name"], one["properties"]) for one in events] == [
        ("Order Completed", {"total": 20}),
        ("Signed Up", {"plan": "free"}),
    ]
    assert len(api.get(f"/api/profiles/{anna.pk}/events/?name=Signed%20Up").data["results"]) == 1
    ghost = builders.profile()
    ghost.merged_into = anna
    ghost.save()
    assert api.get(f"/api/profiles/{ghost.pk}/").data["id"] == anna.pk
    assert api.get("/api/profiles/999999/").status_code == 404
    assert api.get("/api/profiles/?segment=odd").data == {"error": "A number is needed here.", "field": "segment"}


def test_messages_and_journeys_of_a_person() -> None:
    api = program("analyst")
    drawn = builders.journey(DRAWING)
    anna = builders.profile(email="anna@shop.example")
    builders.known([(anna.pk, "Signed Up", "track")])
    inbox.take(100, NOW)
    runner.advance(NOW)
    (passage,) = api.get(f"/api/profiles/{anna.pk}/enrollments/").data
    assert (passage["journey"], passage["step"], passage["reason"]) == (drawn.pk, "wait", "")
    assert passage["due_at"] == "2026-03-04T10:00:00Z"
    (message,) = api.get(f"/api/profiles/{anna.pk}/messages/").data["results"]
    assert (message["state"], message["channel"]) == ("pending", "email")
    assert api.get(f"/api/messages/{message['id']}/").data["deliveries"] == []
    for query, found in (
        (f"journey={drawn.pk}&state=pending", 1),
        ("what=opened", 0),
        ("days=7", 1),
        ("from=2026-01-01&to=2026-01-02", 0),
        (f"profile={anna.pk}", 1),
        ("channel=sms", 0),
    ):
        assert len(api.get(f"/api/messages/?{query}").data["results"]) == found, query


def test_a_list_is_read_page_by_page() -> None:
    api = program("analyst")
    made = [builders.profile().pk for _ in range(5)]
    seen, address = [], "/api/profiles/?page_size=2"
    while address:
        page = api.get(address).data
        seen += [one["id"] for one in page["results"]]
        address = page["next"]
    assert seen == made[::-1]
