"""Somebody signs out and in again in another tab; the pages that were open go on as if nothing had been."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from playwright.sync_api import Page, expect

from journeys.models import Journey, Node
from profiles.models import Segment, SegmentDraft
from profiles.services import segments
from tests import builders
from tests.e2e.editor import A, drawn, grouped

if TYPE_CHECKING:
    from omnichannel.accounts.models import User

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

TOO_OLD = "This page is too old. It was opened before the last sign-in in this browser"


def token(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if cookie.get("name") == "csrftoken")


def sign_out(page: Page, user: "User") -> None:
    page.goto("/")
    page.get_by_role("button", name=user.name).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("E-mail")).to_be_visible()


def sign_in(page: Page, user: "User") -> None:
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name=user.name)).to_be_visible()


class Open(NamedTuple):
    """What a marketer has open in two tabs."""

    germans: Segment
    journey: Journey
    page: Page
    canvas: Page


@pytest.fixture
def tabs(page_as: Callable[..., Page]) -> Open:
    """A segment of five Germans among twelve people, and a canvas with the form of a wait of two days."""
    for n in range(12):
        builders.profile(country="DE" if n < 5 else "AT")
    germans = segments.create("Germans", A)
    journey = builders.journey('come: entry_event(event="A") -> wait\nwait: delay(amount=2)', publish=False)
    page = page_as("marketer")
    page.goto(f"/segments/{germans.pk}/")
    expect(page.locator("#segment-preview [data-count='5']")).to_be_visible()
    canvas = page.context.new_page()
    canvas.goto(f"/journeys/{journey.pk}/")
    canvas.locator(".cv-card[data-key=wait]").click()
    expect(canvas.locator("#inspector [name=amount]")).to_have_value("2")
    return Open(germans, journey, page, canvas)


def drawn_nodes(journey: Journey) -> list[tuple[str, Any]]:
    """What the server has: kinds, and how long a wait is."""
    nodes = Node.objects.filter(version=journey.draft).order_by("pk")
    return [(node.kind, node.config().get("amount")) for node in nodes]


def test_open_pages_go_on_after_signing_in_again_in_another_tab(tabs: Open, marketer: "User") -> None:
    germans, journey, page, canvas = tabs
    before = token(page)
    elsewhere = page.context.new_page()
    sign_out(elsewhere, marketer)
    sign_in(elsewhere, marketer)
    assert token(page) != before

    canvas.locator("#inspector [name=amount]").fill("5")
    canvas.locator("#inspector [name=amount]").blur()
    expect(canvas.locator(".cv-card[data-key=wait]")).to_contain_text("Wait 5 days")
    canvas.locator("[data-key=wait] .cv-plus").click()
    canvas.locator(".cv-menu [data-kind=exit]").click()
    expect(canvas.locator(".cv-card")).to_have_count(3)
    expect(canvas.locator("#canvas-saved [data-status=saved]")).to_be_visible()
    assert drawn_nodes(journey) == [("entry_event", None), ("delay", 5), ("exit", None)]

    drawn(page).locator(".ce-row .ce-handle").focus()
    page.keyboard.press("!")
    expect(page.locator("#segment-preview [data-count='7']")).to_be_visible()  # the page's own asking
    expect(drawn(page).get_by_text("7 people")).to_be_visible()  # the editor's
    expect(page.locator("#segment-draft")).to_have_text("Kept for you, not saved yet")  # a form through htmx
    page.get_by_role("button", name=marketer.name).click()
    with page.expect_response("**/theme/") as answer:
        page.get_by_role("button", name="Dark").click()  # a button through htmx
    assert answer.value.ok
    page.get_by_role("button", name="Save").click()  # a plain form
    expect(page.get_by_text("Saved.")).to_be_visible()
    germans.refresh_from_db()
    assert (germans.condition, SegmentDraft.objects.count()) == (grouped("all", A | {"op": "ne"}), 0)
    marketer.refresh_from_db()
    assert marketer.theme == "dark"


def test_who_is_signed_out_is_told_and_what_waits_is_sent_once_they_are_in_again(tabs: Open, marketer: "User") -> None:
    germans, journey, page, canvas = tabs
    sign_out(page.context.new_page(), marketer)

    canvas.locator("#inspector [name=amount]").fill("5")
    canvas.locator("#inspector [name=amount]").blur()
    expect(canvas.locator("#canvas-saved")).to_have_text("could not save, retrying…")
    notice = canvas.get_by_role("alert")
    expect(notice).to_contain_text("You are signed out.")
    canvas.locator("[data-key=wait] .cv-plus").click()
    canvas.locator(".cv-menu [data-kind=exit]").click()
    expect(canvas.locator("#inspector")).to_contain_text("This step is not saved yet.")
    canvas.locator(".cv-card[data-key=come]").click()
    expect(canvas.locator("#inspector")).to_contain_text("This step can be shown once you are signed in again.")
    canvas.get_by_role("button", name="Publish…").click()
    expect(canvas.get_by_role("link", name="Sign in")).to_be_focused()
    expect(canvas.locator(".toast-card")).to_have_count(0)
    assert drawn_nodes(journey) == [("entry_event", None), ("delay", 2)]

    drawn(page).locator(".ce-row .ce-handle").focus()
    with page.expect_response("**/draft/") as draft:
        page.keyboard.press("!")
    assert (draft.value.status, draft.value.text()) == (401, "")
    expect(page.get_by_role("alert")).to_contain_text("You are signed out.")
    with page.expect_response("**/theme/") as theme:
        page.get_by_role("button", name=marketer.name).click()
        page.get_by_role("button", name="Dark").click()
    assert theme.value.status == 401
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(page.locator("#segment-draft")).to_have_text("")
    expect(page.locator("#segment-preview [data-count='5']")).to_be_visible()
    assert SegmentDraft.objects.count() == 0

    with page.context.expect_page() as opened:
        notice.get_by_role("link", name="Sign in").click()
    sign_in(opened.value, marketer)

    expect(canvas.locator("#canvas-saved [data-status=saved]")).to_be_visible()
    expect(canvas.locator(".cv-card[data-key=wait]")).to_contain_text("Wait 5 days")
    expect(canvas.locator("#inspector [name=event]")).to_be_visible()
    assert drawn_nodes(journey) == [("entry_event", None), ("delay", 5), ("exit", None)]
    expect(page.locator("#segment-draft")).to_have_text("Kept for you, not saved yet")
    expect(page.locator("#segment-preview [data-count='7']")).to_be_visible()
    expect(drawn(page).get_by_text("7 people")).to_be_visible()
    kept = SegmentDraft.objects.get()
    assert (kept.segment, kept.user) == (germans, marketer)
    for tab in (page, canvas):
        expect(tab.get_by_role("alert")).to_have_count(0)
        expect(tab.locator(".toast-card")).to_have_count(0)


def test_what_waits_is_not_sent_by_somebody_else(tabs: Open, marketer: "User", admin: "User") -> None:
    _germans, journey, page, canvas = tabs
    elsewhere = page.context.new_page()
    sign_out(elsewhere, marketer)
    canvas.locator("#inspector [name=amount]").fill("5")
    canvas.locator("#inspector [name=amount]").blur()
    expect(canvas.get_by_role("alert")).to_contain_text("You are signed out.")
    sign_in(elsewhere, admin)

    for tab in (page, canvas):
        expect(tab.get_by_role("alert")).to_contain_text("You are signed in as Admin now.")
        expect(tab.get_by_role("link", name="Load again")).to_be_visible()
    with canvas.expect_response("**/graph") as late:
        canvas.locator("[data-key=wait] .cv-plus").click()
        canvas.locator(".cv-menu [data-kind=exit]").click()
    assert late.value.status == 401
    drawn(page).locator(".ce-row .ce-handle").focus()
    with page.expect_response("**/draft/") as draft:
        page.keyboard.press("!")
    assert draft.value.status == 401
    assert (drawn_nodes(journey), SegmentDraft.objects.count()) == ([("entry_event", None), ("delay", 2)], 0)

    sign_out(elsewhere, admin)
    sign_in(elsewhere, marketer)
    expect(canvas.locator("#canvas-saved [data-status=saved]")).to_be_visible()
    expect(page.locator("#segment-draft")).to_have_text("Kept for you, not saved yet")
    assert drawn_nodes(journey) == [("entry_event", None), ("delay", 5), ("exit", None)]
    assert [kept.user for kept in SegmentDraft.objects.all()] == [marketer]
    for tab in (page, canvas):
        expect(tab.get_by_role("alert")).to_have_count(0)


def test_the_sign_in_can_be_reached_above_an_open_dialog(tabs: Open, marketer: "User") -> None:
    page = tabs.page
    sign_out(page.context.new_page(), marketer)
    page.locator("body").press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Control+k")
    page.locator("#palette input").fill("Germans")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in").click()
    sign_in(opened.value, marketer)
    expect(page.get_by_role("option", name="Germans")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#keys > #toasts")).to_be_attached()
    page.keyboard.press("Escape")
    expect(page.locator("body > #toasts")).to_be_attached()


def test_a_page_whose_cookie_is_gone_says_so(tabs: Open) -> None:
    _germans, journey, page, canvas = tabs
    page.context.clear_cookies(name="csrftoken")
    drawn(page).locator(".ce-row .ce-handle").focus()
    page.keyboard.press("!")
    expect(page.locator(".toast-card")).to_contain_text(TOO_OLD)
    canvas.locator("#inspector [name=amount]").fill("5")
    canvas.locator("#inspector [name=amount]").blur()
    expect(canvas.locator(".toast-card")).to_contain_text(f"This could not be done: {TOO_OLD}")
    assert drawn_nodes(journey) == [("entry_event", None), ("delay", 2)]
