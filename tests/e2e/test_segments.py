"""A marketer builds a segment by clicking, and by keyboard, and sees who is in it."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from omnichannel.shared import clock
from profiles.models import Segment
from profiles.services import segments
from tests import builders

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(valkey: object) -> None:
    """Twelve people: six Germans, four Austrians, two French; the first eight bought, the first three twice."""
    now = clock.now()
    for n in range(12):
        person = builders.profile(now, country="DE" if n < 6 else "AT" if n < 10 else "FR", email=f"p{n}@shop.example")
        if n < 8:
            builders.event(person, "Order Completed", now - timedelta(days=3), total=20 * (n + 1))
        if n < 3:
            builders.event(person, "Order Completed", now - timedelta(days=60), total=500)


def choose(page: Page, name: str) -> None:
    page.get_by_role("option").filter(has_text=name).first.click()


def condition(page: Page) -> object:
    return json.loads(page.locator("input[name=condition]").input_value())


def test_a_nested_segment_by_clicking(page_as: Callable[..., Page], shop: None) -> None:
    page = page_as("marketer")
    page.goto("/segments/new/")
    page.get_by_role("textbox", name="Name", exact=True).fill("Good customers nearby")
    editor = page.locator("condition-editor")
    editor.get_by_role("button", name="Condition", exact=True).click()
    choose(page, "Order Completed")
    expect(editor.get_by_text("8 people")).to_be_visible()
    editor.get_by_role("button", name="When").click()
    choose(page, "in the last 90 days")
    editor.get_by_role("button", name="How many times").click()
    page.get_by_role("spinbutton", name="How many times").fill("2")
    page.keyboard.press("Enter")
    expect(editor.get_by_text("3 people")).to_be_visible()
    editor.get_by_role("button", name="Group", exact=True).click()
    choose(page, "country")
    editor.get_by_role("button", name="Comparison").click()
    choose(page, "is one of")
    expect(editor.get_by_text("Not finished, so it matches nobody. Choose at least one value.")).to_be_visible()
    expect(page.get_by_text("One row is not finished; it counts as nobody.")).to_be_visible()
    for country in ("DE", "AT"):
        editor.get_by_role("button", name="Add a value").click()
        choose(page, country)
    expect(page.locator("#segment-preview [data-count='3']")).to_be_visible()
    expect(page.locator("#segment-words")).to_contain_text("did “Order Completed” at least 2 times in the last 90 days")
    editor.get_by_role("button", name="How many times").click()
    page.get_by_role("spinbutton", name="How many times").fill("1")
    page.keyboard.press("Enter")
    expect(page.locator("#segment-preview [data-count='8']")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Finding everybody")).to_be_visible()
    segments.build_all(clock.now())
    expect(page.get_by_text("8 people are in the saved segment")).to_be_visible()
    saved = Segment.objects.get()
    assert (saved.name, saved.size, saved.state) == ("Good customers nearby", 8, "live")
    assert saved.condition == {
        "type": "all",
        "of": [
            {
                "type": "event",
                "event": "Order Completed",
                "did": True,
                "count": {"op": "at_least", "n": 1},
                "within": {"amount": 90, "unit": "days"},
                "where": [],
            },
            {"type": "any", "of": [{"type": "attribute", "field": "country", "op": "one_of", "value": ["DE", "AT"]}]},
        ],
    }


def test_properties_negation_and_order_by_keyboard(page_as: Callable[..., Page], shop: None) -> None:
    page = page_as("marketer")
    page.goto("/segments/new/?preset=regulars")
    editor = page.locator("condition-editor")
    expect(editor.get_by_role("button", name="How many times: 3 times")).to_be_visible()
    editor.get_by_role("button", name="Add: property").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("tot")
    expect(page.get_by_role("option", selected=True)).to_contain_text("total")
    page.keyboard.press("Enter")
    editor.get_by_role("button", name="Comparison").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("more")
    expect(page.get_by_role("option", selected=True)).to_contain_text("more")
    page.keyboard.press("Enter")
    editor.get_by_role("button", name="Value:").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("100")
    page.keyboard.press("Enter")
    editor.get_by_role("button", name="Condition", exact=True).focus()
    page.keyboard.press("Enter")
    page.keyboard.type("email")
    expect(page.get_by_role("option", selected=True)).to_contain_text("email")
    page.keyboard.press("Enter")
    expect(editor.locator(".ce-row")).to_have_count(2)
    editor.get_by_role("button", name="Row: drag").nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    editor.get_by_role("button", name="What to do with this row").nth(1).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(editor.get_by_role("button", name="How often: not at least")).to_be_visible()
    first, second = condition(page)["of"]  # type: ignore[index]
    assert first["field"] == "email"
    assert (second["did"], second["count"]) == (False, {"op": "at_least", "n": 3})
    assert second["where"] == [{"field": "total", "op": "gt", "value": 100}]

    editor.get_by_role("button", name="Condition", exact=True).click()
    page.keyboard.type("Won a Raffle")  # which nobody has done so far
    expect(page.get_by_role("option", selected=True)).to_contain_text("something people do")
    page.keyboard.press("Enter")
    expect(editor.locator(".ce-row").last).to_contain_text("Nobody has done this yet.")
    assert condition(page)["of"][2]["event"] == "Won a Raffle"


def test_analysts_look_and_do_not_touch(page_as: Callable[..., Page], shop: None) -> None:
    made = segments.create("Germans", {"type": "attribute", "field": "country", "op": "eq", "value": "DE"})
    segments.build_all(clock.now())
    page = page_as("analyst")
    page.goto(f"/segments/{made.pk}/")
    expect(page.locator("#segment-preview [data-count='6']")).to_be_visible()
    expect(page.locator("condition-editor").get_by_role("button", name="Value")).to_be_disabled()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    expect(page.get_by_role("button", name="Delete the segment")).to_have_count(0)
