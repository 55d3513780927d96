"""The condition editor in a browser: what it holds, and when it has come to rest."""

import json
from contextlib import suppress
from typing import Any

from playwright.sync_api import Locator, Page, TimeoutError, expect


def attribute(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"type": "attribute", "field": field, "op": op, "value": value}


def condition(page: Page) -> Any:
    return json.loads(page.locator("input[name=condition]").input_value() or "null")


SAME = """(wanted) => {
  const named = (part) => part && typeof part === "object" && !Array.isArray(part);
  const sorted = (_, part) => (named(part) ? Object.fromEntries(Object.entries(part).sort()) : part);
  const text = (json) => JSON.stringify(json, sorted);
  return text(JSON.parse(document.querySelector("input[name=condition]").value || "null")) === text(wanted);
}"""


def becomes(page: Page, wanted: Any) -> None:
    """The form holds exactly this, as soon as the editor has drawn it."""
    with suppress(TimeoutError):
        page.wait_for_function(SAME, arg=wanted, timeout=5_000)
    assert condition(page) == wanted


def drawn(page: Page) -> Locator:
    return page.locator("condition-editor")


def settled(page: Page) -> None:
    """Nothing is being asked any more."""
    expect(page.locator("[data-live]")).not_to_have_attribute("aria-busy", "true")
    page.wait_for_load_state("networkidle")


A, B, C, D = (attribute("country", "eq", one) for one in ("DE", "AT", "FR", "IT"))


def grouped(type: str, *of: Any, **more: Any) -> dict[str, Any]:
    return {"type": type, "of": list(of)} | more


def opened(page: Page, *of: Any) -> None:
    """A new segment with these rows, pasted as text."""
    page.goto("/segments/new/")
    drawn(page).get_by_role("button", name="Paste conditions").click()
    page.get_by_role("textbox", name="Copied conditions").fill(json.dumps(list(of)))
    expect(drawn(page).locator(".ce-row")).to_have_count(sum(len(one.get("of", [one])) for one in of))
