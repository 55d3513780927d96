"""Every kind of condition, built by clicking and built by keys alone."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from journeys.models import Journey, Template
from omnichannel.shared import clock
from profiles.models import Account, PeopleList, Segment, Topic
from profiles.services import segments
from tests import builders
from tests.e2e.editor import attribute, becomes, drawn, settled

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

ONCE = {"op": "at_least", "n": 1}
LAST_30 = {"amount": 30, "unit": "days"}
Step = tuple[str, str | list[str]]


@pytest.fixture
def shop(valkey: object) -> dict[str, int]:
    """Twelve people with everything that conditions can ask about; the ids of what is picked by name."""
    now = clock.now()
    for n in range(12):
        person = builders.profile(
            now,
            country="DE" if n < 6 else "AT",
            age=20 + n,
            birthday="1980-03-05",
            tags=["vip"],
            email=f"p{n}@x.io",
        )
        builders.event(person, "Signed Up", now - timedelta(days=100))
        if n < 8:
            builders.event(person, "Order Completed", now - timedelta(days=3), total=20 * (n + 1))
    Account.objects.create(key="acme", attributes={"plan": "gold"}, created_at=now, updated_at=now)
    Topic.objects.get_or_create(slug="newsletter", defaults={"name": "Newsletter"})
    german = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
    return {
        "segment": segments.create("Germans", german).pk,
        "list": PeopleList.objects.create(name="Fair in Berlin", created_at=now).pk,
        "template": Template.objects.create(name="Hello there", channel="email").pk,
        "journey": Journey.objects.create(name="Welcome series").pk,
    }


def event(name: str, **more: Any) -> dict[str, Any]:
    whole = {"type": "event", "event": name, "did": True, "count": ONCE, "within": LAST_30, "where": []} | more
    return {key: value for key, value in whole.items() if value is not ...}


def rows(shop: dict[str, int]) -> list[tuple[str, list[Step], dict[str, Any]]]:
    """What is typed to find the subject, the tokens and their answers, and the condition that must come of it."""
    order: Callable[..., dict[str, Any]] = lambda **more: event("Order Completed", **more)  # noqa: E731
    message = {"type": "message", "what": "opened", "did": True, "template": None, "journey": None, "channel": None}
    steps = [
        {"event": "Signed Up", "where": []},
        {"event": "Order Completed", "did": False, "after": {"amount": 2, "unit": "hours"}, "where": []},
    ]
    return [
        (
            "country",
            [("Comparison", "is one of"), ("Add a value", "DE"), ("Add a value", "AT")],
            attribute("country", "one_of", ["DE", "AT"]),
        ),
        ("age", [("Comparison", "is between"), ("From and to", ["20", "30"])], attribute("age", "between", [20, 30])),
        (
            "birthday",
            [("Comparison", "has its day in the next"), ("How long", ["10"])],
            attribute("birthday", "anniversary_in_next", {"amount": 10, "unit": "days"}),
        ),
        (
            "tags",
            [("Comparison", "includes all"), ("Add a value", "vip")],
            attribute("tags", "includes_all", ["vip"]),
        ),
        (
            "Order Completed",
            [
                ("How often", "exactly"),
                ("How many times", ["2"]),
                ("When", "in the last 90 days"),
                ("Add", "total"),
                ("Comparison", "is more than"),
                ("Value", ["50"]),
            ],
            order(
                count={"op": "exactly", "n": 2},
                within={"amount": 90, "unit": "days"},
                where=[{"field": "total", "op": "gt", "value": 50}],
            ),
        ),
        ("Order Completed", [("How often", "not at all")], order(did=False)),
        (
            "Order Completed",
            [
                ("How often", "sum of"),
                ("Property to measure", "total"),
                ("Comparison of the figure", "is at least"),
                ("Figure", ["100"]),
                ("When", "at any time"),
            ],
            order(count=..., within=None, measure={"of": "sum", "field": "total", "op": "gte", "value": 100}),
        ),
        (
            "Order Completed",
            [("How often", "for the first time"), ("When", "after another event"), ("", "Signed Up")],
            order(count=..., pick="first", within={"since": "Signed Up", "pick": "last"}),
        ),
        (
            "Order Completed",
            [("When", "between"), ("", ["90", "", "20"])],
            order(within={"from": {"amount": 90, "unit": "days"}, "to": {"amount": 20, "unit": "days"}}),
        ),
        ("Order Completed", [("When", "before a day"), ("", ["2026-01-31"])], order(within={"before": "2026-01-31"})),
        ("Order Completed", [("When", "on or after"), ("", ["2026-01-31"])], order(within={"after": "2026-01-31"})),
        (
            "Order Completed",
            [("When", "from a day"), ("", ["2026-01-31", "2026-02-28"])],
            order(within={"from": "2026-01-31", "to": "2026-02-28"}),
        ),
        (
            "then not another",
            [("Event: choose", "Signed Up"), ("Event: choose", "Order Completed")],
            {"type": "sequence", "did": True, "within": LAST_30, "steps": steps},
        ),
        ("Germans", [("In or not", "not in")], {"type": "segment", "segment": shop["segment"], "in": False}),
        ("Fair in Berlin", [], {"type": "list", "list": shop["list"], "in": True}),
        (
            "Newsletter",
            [("Channel", "E-mail")],
            {"type": "consent", "topic": "newsletter", "channel": "email", "subscribed": True},
        ),
        ("push", [("Can or cannot", "cannot")], {"type": "reachable", "by": "device_token", "reachable": False}),
        ("user id", [], {"type": "identity", "kind": "user_id", "has": True}),
        (
            "random part",
            [("To percent", ["25"]), ("From percent", ["12.5"])],
            {"type": "bucket", "from": 12.5, "to": 25, "salt": "share"},
        ),
        (
            "plan",
            [("Comparison", "is not"), ("Value", "gold")],
            {"type": "account", "field": "plan", "op": "ne", "value": "gold"},
        ),
        (
            "opened a message",
            [("How often", "not at all"), ("Template", "Hello there")],
            message | {"did": False, "template": shop["template"], "count": ONCE, "within": LAST_30},
        ),
        (
            "Welcome series",
            [("Where they stand", "went through")],
            {"type": "journey", "journey": shop["journey"], "state": "passed", "within": None},
        ),
    ]


class Mouse:
    """Clicks; types only where something is to be typed."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def begin(self, text: str) -> None:
        drawn(self.page).get_by_role("button", name="Condition", exact=True).click()
        self.page.get_by_role("combobox").fill(text)
        self.page.get_by_role("option").filter(has_text=text).first.click()

    def answer(self, name: str, value: str | list[str]) -> None:
        panel = self.page.locator(".ce-panel")
        if name:
            drawn(self.page).locator(".ce-row").last.get_by_role("button", name=re.compile(f"^{name}")).first.click()
        if isinstance(value, str):
            panel.get_by_role("option").filter(has_text=value).first.click()
        else:
            inputs = panel.locator(".ce-typed :is(input, select)")
            for place, one in enumerate(value):
                if one:
                    inputs.nth(place).fill(one)
            panel.get_by_role("button", name="OK").click()

    def clear(self) -> None:
        drawn(self.page).get_by_role("button", name="What to do with this row").click()
        self.page.get_by_role("option").filter(has_text="Remove").click()


class Keys:
    """Nothing but the keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def begin(self, text: str) -> None:
        self.reach("Condition")
        self.page.keyboard.press("Enter")
        self.page.keyboard.type(text)
        self.take(text)

    def answer(self, name: str, value: str | list[str]) -> None:
        if name:
            self.reach(name)
            self.page.keyboard.press("Enter")
        if isinstance(value, str):
            searched = self.page.locator(".ce-panel [role=combobox]:focus").count()
            if searched:
                self.page.keyboard.type(value)
            self.take(value)
            return
        for place, one in enumerate(value):
            if place:
                self.next_field()
            if one:
                self.page.keyboard.press("ControlOrMeta+a")
                year, month, day = one.split("-") if one.count("-") == 2 else ("", "", "")
                self.page.keyboard.type(month + day + year if year else one)
        self.page.keyboard.press("Enter")

    def next_field(self) -> None:
        """A day has several stops within: on until another field has the focus."""
        self.page.evaluate("window.left = document.activeElement")
        for _ in range(6):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement !== window.left"):
                return

    def take(self, text: str) -> None:
        chosen = self.page.locator(".ce-panel [role=option][aria-selected=true]").last
        for _ in range(20):
            if text.lower() in (chosen.text_content() or "").lower():
                break
            self.page.keyboard.press("ArrowDown")
        expect(chosen).to_contain_text(text, ignore_case=True)
        self.page.keyboard.press("Enter")

    def reach(self, name: str) -> None:
        """By the right arrow from where one is; then around from the beginning."""
        for key in ("ArrowRight", "ArrowLeft"):
            for _ in range(40):
                if self.page.evaluate("document.activeElement.textContent.trim()").startswith(name):
                    return
                self.page.keyboard.press(key)
        raise AssertionError(f"{name} was not reached")

    def clear(self) -> None:
        self.reach("What to do with this row")
        self.page.keyboard.press("Delete")


@pytest.mark.parametrize("hand", [Mouse, Keys])
def test_every_kind_of_condition(page_as: Callable[..., Page], shop: dict[str, int], hand: Any) -> None:
    page = page_as("marketer")
    page.goto("/segments/new/")
    expect(drawn(page).get_by_role("button", name="Condition", exact=True)).to_be_visible()
    drawn(page).get_by_role("button", name="Condition", exact=True).focus()
    by, built = hand(page), []
    for text, steps, expected in rows(shop):
        by.begin(text)
        for name, value in steps:
            by.answer(name, value)
        becomes(page, {"type": "all", "of": [expected]})
        expect(drawn(page).locator(".ce-unfinished")).to_have_count(0)
        built.append(expected)
        by.clear()
    becomes(page, None)
    page.get_by_role("textbox", name="Name", exact=True).fill("Everything")
    drawn(page).get_by_role("button", name="Paste conditions").click()
    page.get_by_role("textbox", name="Copied conditions").fill(json.dumps({"type": "any", "of": built}))
    expect(drawn(page).locator(".ce-row")).to_have_count(len(built))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. The segment is being built.")).to_be_visible()
    saved = Segment.objects.get(name="Everything").condition
    assert saved == {"type": "all", "of": [{"type": "any", "of": built}]}
    settled(page)
