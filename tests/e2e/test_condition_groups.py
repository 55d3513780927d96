"""Rows and groups of conditions: by dragging, by keys, several at once."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.editor import A, B, C, D, becomes, drawn, grouped, opened, settled

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

LATE_FRAMES = """(() => {
  const frame = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (then) => setTimeout(() => frame(then), 400);
})()"""  # as on a busy machine: the next key comes before the next frame


def drag(page: Page, source: int, target: int, share: float) -> None:
    """The handle of one row onto another: by the share of its height, above 0 to below 1."""
    handle = drawn(page).locator(".ce-row").nth(source).locator(".ce-handle").bounding_box()
    onto = drawn(page).locator(".ce-row").nth(target).bounding_box()
    assert handle and onto
    page.mouse.move(handle["x"] + 6, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(handle["x"] + 16, handle["y"] + 24, steps=2)
    page.mouse.move(onto["x"] + 120, onto["y"] + onto["height"] * share, steps=4)
    page.mouse.up()


def test_groups_by_dragging(page_as: Callable[..., Page]) -> None:
    page = page_as("marketer")
    opened(page, A, B, C)
    drag(page, 2, 0, 0.1)
    becomes(page, grouped("all", C, A, B))
    drag(page, 0, 2, 0.95)
    becomes(page, grouped("all", A, B, C))
    drag(page, 2, 1, 0.5)
    becomes(page, grouped("all", A, grouped("any", B, C)))
    drag(page, 0, 2, 0.9)
    becomes(page, grouped("all", grouped("any", B, C, A)))
    box = drawn(page).locator(".ce-root > .ce-adders").bounding_box()
    handle = drawn(page).locator(".ce-row").nth(1).locator(".ce-handle").bounding_box()
    assert box and handle
    page.mouse.move(handle["x"] + 6, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] / 2, steps=4)
    expect(page.get_by_text("To the end of the group")).to_be_visible()
    page.mouse.up()
    becomes(page, grouped("all", grouped("any", B, A), C))
    drawn(page).get_by_role("button", name="Undo").click()
    becomes(page, grouped("all", grouped("any", B, C, A)))
    settled(page)


def test_groups_by_keys(page_as: Callable[..., Page]) -> None:
    page = page_as("marketer", permissions=["clipboard-read", "clipboard-write"])
    opened(page, A, B, C)

    def press(row: int, *keys: str) -> None:
        drawn(page).locator(".ce-row").nth(row).locator(".ce-handle").focus()
        for key in keys:
            page.keyboard.press(key)

    press(0, "Alt+ArrowDown", "Alt+ArrowDown")
    becomes(page, grouped("all", B, C, A))
    press(2, "ControlOrMeta+g")
    becomes(page, grouped("all", B, C, grouped("any", A)))
    press(1, "Alt+ArrowRight")
    becomes(page, grouped("all", B, grouped("any", C, A)))
    press(1, "Alt+ArrowLeft")
    becomes(page, grouped("all", B, grouped("any", A), C))
    press(0, "!")
    becomes(page, grouped("all", B | {"op": "ne"}, grouped("any", A), C))
    press(0, "!", "ControlOrMeta+/")
    becomes(page, grouped("all", B | {"off": True}, grouped("any", A), C))
    expect(drawn(page).get_by_text("Switched off: not asked.")).to_be_visible()
    press(2, "ControlOrMeta+d")
    becomes(page, grouped("all", B | {"off": True}, grouped("any", A), C, C))
    press(2, "Delete", "Delete")
    becomes(page, grouped("all", B | {"off": True}, grouped("any", A)))
    press(0, *["ControlOrMeta+z"] * 3)
    becomes(page, grouped("all", B | {"off": True}, grouped("any", A), C))
    press(0, *["ControlOrMeta+Shift+z"] * 3)
    becomes(page, grouped("all", B | {"off": True}, grouped("any", A)))
    press(1, "ControlOrMeta+c", "ControlOrMeta+v")
    becomes(page, grouped("all", B | {"off": True}, grouped("any", A, A)))
    press(1, "ControlOrMeta+x")
    becomes(page, grouped("all", B | {"off": True}, grouped("any", A)))
    expect(drawn(page).locator(".ce-row").nth(1).locator(".ce-handle")).to_be_focused()
    drawn(page).get_by_role("button", name="How the rows go together").last.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type("at")
    page.keyboard.press("Enter")
    becomes(page, grouped("all", B | {"off": True}, grouped("at_least", A, n=2)))
    expect(drawn(page).get_by_text("of these 1")).to_be_visible()
    expect(page.get_by_text("One row is not finished; it counts as nobody.")).to_be_visible()
    settled(page)


def test_several_rows_at_once(page_as: Callable[..., Page]) -> None:
    page = page_as("marketer", permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script(LATE_FRAMES)
    opened(page, A, B, C, D)
    handle = drawn(page).locator(".ce-row .ce-handle")
    bar = drawn(page).get_by_role("toolbar", name="What to do with the chosen rows")
    handle.nth(1).click()
    expect(bar).to_contain_text("1 row chosen")
    handle.nth(3).click(modifiers=["ControlOrMeta"])
    expect(handle.nth(3)).to_have_attribute("aria-pressed", "true")
    bar.get_by_role("button", name="Switch off").click()
    off = {"off": True}
    becomes(page, grouped("all", A, B | off, C, D | off))
    bar.get_by_role("button", name="Copy").click()
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == [B | off, D | off]
    bar.get_by_role("button", name="Group").click()
    becomes(page, grouped("all", A, grouped("any", B | off, D | off), C))
    expect(bar).to_have_count(0)

    handle.nth(0).click()
    drawn(page).locator(".ce-row").nth(2).locator(".ce-sentence").click(
        modifiers=["Shift"], position={"x": 400, "y": 8}
    )
    expect(bar).to_contain_text("2 rows chosen")  # the group counts as one
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)

    handle.nth(0).focus()
    page.keyboard.press("Shift+ArrowDown")
    expect(bar).to_contain_text("2 rows chosen")
    page.keyboard.press("Delete")
    becomes(page, grouped("all", C))
    page.keyboard.press("ControlOrMeta+z")
    becomes(page, grouped("all", A, grouped("any", B | off, D | off), C))
    handle.nth(0).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("ControlOrMeta+d")
    becomes(page, grouped("all", A, A, *[grouped("any", B | off, D | off)] * 2, C, C))
    handle.nth(0).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("ControlOrMeta+g")
    becomes(page, grouped("all", grouped("any", A, A, *[grouped("any", B | off, D | off)] * 2, C, C)))
    settled(page)
