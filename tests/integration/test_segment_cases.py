"""The conditions as docs/conditions.md tells them, asked through the public API by somebody who knows nothing else.

Each case is asked four ways that have to agree: of a segment made before anything is known (it follows data and
clock), of one made when everything is there, by counting, and of one person at a time.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from omnichannel.accounts.models import Workspace
from omnichannel.shared import clock
from profiles.models import Identity, Topic
from profiles.segments import membership
from profiles.services import segments
from tests.conftest import NOW
from tests.integration import segment_cases as cases
from tests.integration.segment_operator_cases import OPERATORS

pytestmark = pytest.mark.django_db
ASKED = [*cases.EVENTS, *cases.SEQUENCES, *cases.GROUPS, *cases.STEADY]
DAY = timedelta(days=1)
WITHOUT = ("is_not_set", "ne", "not_contains", "includes_none", "not_in_last")  # who has nothing there is inside


class World:
    """A shop with its own clock; everything but the background work goes over HTTP."""

    def __init__(self, write_key: str, api_key: str) -> None:
        cache.clear()
        self.source, self.program = APIClient(), APIClient()
        self.source.credentials(HTTP_AUTHORIZATION="Basic " + base64.b64encode(f"{write_key}:".encode()).decode())
        self.program.credentials(HTTP_AUTHORIZATION=f"Bearer {api_key}")
        self.at(NOW)

    def at(self, now: datetime) -> None:
        self.now = now
        clock.freeze(now)

    def send(self, *calls: cases.Call) -> None:
        """One batch."""
        if not calls:
            return
        batch = []
        for call in calls:
            when = call.get("when", timedelta())
            item = {name: value for name, value in call.items() if name != "when"}
            batch.append(item | {"timestamp": when if isinstance(when, str) else (self.now - when).isoformat()})
        answer = self.source.post("/v1/batch", json.dumps({"batch": batch}), content_type="application/json")
        assert (answer.status_code, answer.json()["success"]) == (200, True), answer.content

    def happens(self, text: str) -> None:
        """Sentences, and what the workers make of them."""
        self.send(*cases.calls(text))
        self.work()

    def answer(self, method: str, path: str, body: dict[str, Any], status: int) -> dict[str, Any]:
        answer = getattr(self.program, method)(path, body, format="json")
        assert answer.status_code == status, (answer.status_code, answer.content)
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
        return self.answer("post", path, body, status)

    def get(self, path: str) -> Any:
        answer = self.program.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def segment(self, name: str, condition: dict[str, Any]) -> int:
        made = self.post("/api/segments/", {"name": name, "condition": condition})
        self.work()
        return int(made["id"])

    def work(self) -> None:
        """What the workers do at this moment."""
        segments.build_all(self.now)
        while membership.tick(self.now) + membership.take(1000, self.now):
            pass

    def members(self, segment: int) -> str:
        """Names of those inside, by user id or visitor id."""
        found = self.get(f"/api/segments/{segment}/members/?page_size=200")["results"]
        return names([one["profile"] for one in found])

    def explained(self, condition: dict[str, Any]) -> str:
        """The same, asked of one person after the other."""
        inside = []
        for profile in Identity.objects.values_list("profile_id", flat=True).distinct():
            told = self.post(f"/api/profiles/{profile}/explain/", {"condition": condition}, 200)
            inside += [profile] if told["matches"] else []
        return names(inside)


def names(profiles: Sequence[int]) -> str:
    found = Identity.objects.filter(profile_id__in=profiles, kind__in=("user_id", "anonymous_id"))
    return " ".join(sorted(found.values_list("value", flat=True)))


@pytest.fixture
def world(write_key: str, api_key: str) -> Iterator[World]:
    yield World(write_key, api_key)
    clock.freeze(None)


@pytest.mark.parametrize("case", ASKED, ids=[case[0] for case in ASKED])
def test_cases(world: World, case: cases.Case) -> None:
    _name, condition, happened, who, *later = case
    early = world.segment("Early", condition)
    world.send(*cases.calls(happened))
    world.work()
    late = world.segment("Late", condition)
    for after, more, inside in [("0s", "", who), *later]:
        world.at(NOW + cases.span(after))
        world.send(*cases.calls(more))
        world.work()
        fresh = world.post("/api/segments/count/", {"condition": condition}, 200)["count"]
        found = {
            "followed": world.members(early),
            "built": world.members(late),
            "one by one": world.explained(condition),
            "counted": fresh,
        }
        assert found == {"followed": inside, "built": inside, "one by one": inside, "counted": len(inside.split())}


def test_comparisons_mean_the_same_of_people_events_and_companies(world: World) -> None:
    """All of them in one world: the values of each stand under a name of their own."""
    people = sorted({name for *_, has, _who in OPERATORS for name in has})
    made: dict[int, tuple[str, dict[str, Any], str]] = {}
    for n, (op, value, has, who) in enumerate(OPERATORS):
        unnamed = [name for name in people if name not in has] if op in WITHOUT else []
        inside = " ".join(sorted([*who.split(), *unnamed]))
        asked: dict[str, Any] = {"field": f"v{n}", "op": op} | ({} if value is None else {"value": value})
        for kind in ("attribute", "event", "account"):
            question: dict[str, Any] = {"event": "Bought", "where": [asked]} if kind == "event" else asked
            condition: dict[str, Any] = {"type": kind, **question}
            body = {"name": f"{kind} {n}", "condition": condition}
            made[world.post("/api/segments/", body)["id"]] = (f"{kind} {op} {value}", condition, inside)
    world.work()
    for name in people:
        known = {f"v{n}": has[name] for n, (*_, has, _who) in enumerate(OPERATORS) if has.get(name) is not None}
        world.send(
            {"type": "identify", "userId": name, "traits": known},
            {"type": "track", "userId": name, "event": "Bought", "properties": known},
            {"type": "group", "userId": name, "groupId": name, "traits": known},
        )
    world.work()
    for segment, (name, condition, inside) in made.items():
        count = world.post("/api/segments/count/", {"condition": condition}, 200)["count"]
        assert (name, world.members(segment), count) == (name, inside, len(inside.split()))


def test_segments_ask_about_segments(world: World) -> None:
    buyers = world.segment("Buyers", cases.bought(within=cases.last(1, "days")))
    inside = world.segment("Inside", {"type": "segment", "segment": buyers, "in": True})
    outside = world.segment("Outside", cases.group("none", {"type": "segment", "segment": inside, "in": True}))
    world.happens("ann Bought 1h; bob is")
    assert [world.members(one) for one in (buyers, inside, outside)] == ["ann", "ann", "bob"]
    world.at(NOW + DAY)
    world.happens("bob Bought")
    assert [world.members(one) for one in (buyers, inside, outside)] == ["bob", "bob", "ann"]
    circle = {"condition": {"type": "segment", "segment": outside, "in": True}}
    assert "error" in world.answer("patch", f"/api/segments/{buyers}/", circle, 400)
    nobody = {"name": "Odd", "condition": {"type": "segment", "segment": 999_999, "in": True}}
    assert "error" in world.answer("post", "/api/segments/", nobody, 400)


def test_lists_by_number_and_by_name(world: World) -> None:
    made = world.post("/api/lists/", {"name": "Fair"})["id"]
    world.happens("ann is email=ann@x.example; bob is; cid is")
    on, off = (world.segment(str(yes), {"type": "list", "list": made, "in": yes}) for yes in (True, False))
    world.post(f"/api/lists/{made}/add/", {"people": ["Ann@X.example", "bob", "zoe"]}, 200)
    world.work()
    assert (world.members(on), world.members(off)) == ("ann bob", "cid")
    ann = world.get("/api/profiles/?search=ann@x.example")["results"][0]["id"]
    world.post(f"/api/lists/{made}/remove/", {"profiles": [ann]}, 200)
    world.work()
    assert (world.members(on), world.members(off)) == ("bob", "ann cid")


def test_answers_to_topics(world: World) -> None:
    """The latest word for the channel or for every channel, else the topic's default."""
    Topic.objects.create(slug="news", name="News", default_subscribed=False)
    world.happens("ann is; bob is; cid is")
    ids = {name: pk for pk, name in Identity.objects.values_list("profile_id", "value")}
    by_mail = {"type": "consent", "topic": "news", "channel": "email"}
    yes, no = (world.segment(str(said), {**by_mail, "subscribed": said}) for said in (True, False))
    for name, channel, said in (("ann", "", True), ("bob", "email", True), ("bob", "", False), ("cid", "sms", True)):
        world.at(world.now + timedelta(seconds=1))
        body = {"topic": "news", "channel": channel, "subscribed": said}
        world.post(f"/api/profiles/{ids[name]}/consents/", body, 200)
    world.work()
    assert (world.members(yes), world.members(no)) == ("ann", "bob cid")


def test_a_bucket_parts_everybody(world: World) -> None:
    world.happens("; ".join(f"u{n} is" for n in range(40)))
    halves = [{"type": "bucket", "from": a, "to": b, "salt": "x"} for a, b in ((0, 30), (30, 100), (0, 100))]
    low, high, all_of_them = (set(world.members(world.segment(str(one), one)).split()) for one in halves)
    assert (low & high, low | high, len(all_of_them)) == (set(), all_of_them, 40)
    assert 2 < len(low) < 25
    again = world.segment("Again", halves[0])
    assert set(world.members(again).split()) == low


def test_days_are_those_of_the_workspace(world: World) -> None:
    Workspace.objects.update_or_create(pk=1, defaults={"timezone": "Europe/Vienna"})
    of_february = world.segment("February", cases.bought(within={"before": "2026-03-01"}))
    on = world.segment("First of March", cases.has("at", "on", "2026-03-01"))
    today = world.segment("Today", cases.has("born", "anniversary_today"))
    world.happens("ann Bought 2026-02-28T22:59:59Z; bob Bought 2026-02-28T23:00:00Z")
    world.happens("ann is at=2026-02-28T22:59:59Z born=1990-03-02; bob is at=2026-02-28T23:00:00Z born=1990-03-03")
    assert [world.members(one) for one in (of_february, on, today)] == ["ann", "bob", "ann"]
    world.at(NOW.replace(hour=22, minute=59))
    world.work()
    assert world.members(today) == "ann"
    world.at(NOW.replace(hour=23))
    world.work()
    assert world.members(today) == "bob"


def test_attributes_follow_the_clock_at_their_edges(world: World) -> None:
    month = cases.last(7, "days")
    asked = {op: world.segment(op, cases.has("due", op, month)) for op in ("in_last", "in_next", "more_than_ago")}
    week = world.segment("week", cases.has("due", "anniversary_in_next", month))
    world.happens("ann is due=2026-03-10T10:00:00Z")
    seen = []
    for days in (0, 1, 8, 15):
        for seconds in (-1, 1):
            world.at(NOW + timedelta(days=days, seconds=seconds))
            world.work()
            seen.append([op for op, one in asked.items() if world.members(one)])
    assert seen == [[], [], [], ["in_next"], ["in_next"], ["in_last"], ["in_last"], ["more_than_ago"]]
    assert world.members(week) == ""
    world.at(NOW + timedelta(days=366, hours=-10, seconds=1))
    world.work()
    assert world.members(week) == "ann"


def test_who_is_joined_is_one_person(world: World) -> None:
    """What the visitor did counts for whom the visitor turns out to be; nobody is counted twice."""
    twice = world.segment("Twice", cases.times("at_least", 2))
    quiet = world.segment("Quiet", cases.bought(did=False))
    retail = world.segment("Retail", {"type": "account", "field": "industry", "op": "eq", "value": "Retail"})
    world.send(
        {"type": "track", "anonymousId": "visitor", "event": "Bought"},
        {"type": "group", "anonymousId": "visitor", "groupId": "acme", "traits": {"industry": "Retail"}},
    )
    world.happens("ann Bought; bob is")
    assert [world.members(one) for one in (twice, quiet, retail)] == ["", "bob", "visitor"]
    world.send({"type": "identify", "userId": "ann", "anonymousId": "visitor"})
    world.work()
    assert [world.members(one) for one in (twice, quiet, retail)] == ["ann visitor", "bob", "ann visitor"]
    assert len(world.get(f"/api/segments/{twice}/members/")["results"]) == 1
    (join,) = world.get("/api/merges/")["results"]
    world.post(f"/api/merges/{join['id']}/undo/", {}, 200)
    world.work()
    assert [world.members(one) for one in (twice, quiet, retail)] == ["", "bob", "visitor"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"type": "nothing"}, "condition.type"),
    (cases.bought(within={"amount": 0, "unit": "days"}), "condition.within.amount"),
    (cases.bought(within={"amount": 2, "unit": "years"}), "condition.within.unit"),
    (cases.bought(within={"from": "2026-02-02", "to": "2026-01-01"}), "condition.within.to"),
    (cases.bought(where=[{"field": "a", "op": "gt", "value": "x"}]), "condition.where[0].value"),
    (cases.times("at_least", 2, pick="first"), "condition.count"),
    (cases.steps({"event": "A"}), "condition.steps"),
    (cases.steps({"event": "A"}, {"event": "B", "did": False}), "condition.steps[1].after"),
    (cases.group("all", cases.group("any", cases.has("a", "between", [1]))), "condition.of[0].of[0].value"),
    (cases.group("at_least", cases.bought(), n=2), "condition.n"),
    (cases.has("born", "anniversary_in_next", {"amount": 400, "unit": "days"}), "condition.value.amount"),
    ({"type": "bucket", "from": 50, "to": 10}, "condition.to"),
]


@pytest.mark.parametrize(("condition", "path"), BAD, ids=[path for _condition, path in BAD])
def test_what_cannot_be_understood_is_refused_with_its_place(
    world: World, condition: dict[str, Any], path: str
) -> None:
    for address in ("/api/segments/count/", "/api/segments/"):
        told = world.answer("post", address, {"name": "Odd", "condition": condition}, 400)
        assert told["path"] == path
