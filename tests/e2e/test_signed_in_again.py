"""Somebody signs out and in again in another tab; the pages that were open go on as if nothing had been."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from journeys.models import Node
from profiles.models import SegmentDraft
from profiles.services import segments
from tests import builders
from tests.e2e.editor import A, drawn, grouped

if TYPE_CHECKING:
    from omnichannel.accounts.models import User

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def token(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if cookie.get("name") == "csrftoken")


def sign_out_and_in(page: Page, user: "User") -> None:
    before = token(page)
    page.goto("/")
    page.get_by_role("button", name=user.name).click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name=user.name)).to_be_visible()
    assert token(page) != before


def test_open_pages_go_on_after_signing_in_again_in_another_tab(page_as: Callable[..., Page], marketer: "User") -> None:
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

    sign_out_and_in(page.context.new_page(), marketer)

    canvas.locator("#inspector [name=amount]").fill("5")
    canvas.locator("#inspector [name=amount]").blur()
    expect(canvas.locator(".cv-card[data-key=wait]")).to_contain_text("Wait 5 days")
    canvas.locator("[data-key=wait] .cv-plus").click()
    canvas.locator(".cv-menu [data-kind=exit]").click()
    expect(canvas.locator(".cv-card")).to_have_count(3)
    expect(canvas.locator("#canvas-saved [data-status=saved]")).to_be_visible()
    nodes = Node.objects.filter(version=journey.draft)
    assert [(node.kind, node.config().get("amount")) for node in nodes.order_by("pk")] == [
        ("entry_event", None),
        ("delay", 5),
        ("exit", None),
    ]

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
