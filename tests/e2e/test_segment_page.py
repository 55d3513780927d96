"""The page around the condition editor: cards that follow it, and changes that are not lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Page, expect

from omnichannel.shared import clock
from profiles.models import Segment, SegmentDraft
from profiles.services import segments
from tests import builders
from tests.e2e.editor import A, becomes, drawn, grouped, opened, settled

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

AXE = Path(__file__).parent.parent.parent / "static" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
def shop(valkey: object) -> int:
    """Twelve people, half of them German, and the segment of these."""
    for n in range(12):
        builders.profile(clock.now(), country="DE" if n < 6 else "AT", email=f"p{n}@x.io")
    return segments.create("Germans", A).pk


def test_the_cards_follow_and_say_why(page_as: Callable[..., Page], shop: int) -> None:
    segments.build_all(clock.now())
    page = page_as("marketer", viewport={"width": 390, "height": 844})
    opened(page, A, {"type": "segment", "segment": shop, "in": True})
    expect(page.locator("#segment-preview [data-count='6']")).to_be_visible()
    expect(page.locator("[data-way=email]")).to_have_text("6")
    page.get_by_role("button", name="Why is").first.click()
    expect(page.locator(".why-list").first).to_contain_text("found: DE")
    page.get_by_label("Overlap with").select_option("Germans")
    expect(page.locator("[data-both='6']")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then((found) => found.violations.map((one) => [one.id, one.impact]))")
    assert [one for one in found if one[1] in ("serious", "critical")] == []
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto("/segments/")
    assert asked == ["beforeunload"]
    expect(page.get_by_role("heading", name="Segments").first).to_be_visible()


def test_what_is_not_saved_survives_a_reload_and_counts_for_nobody(page_as: Callable[..., Page], shop: int) -> None:
    segments.build_all(clock.now())
    page = page_as("marketer")
    page.on("dialog", Dialog.accept)
    page.goto(f"/segments/{shop}/")
    expect(drawn(page).locator(".ce-row")).to_have_count(1)
    drawn(page).locator(".ce-row .ce-handle").focus()
    page.keyboard.press("!")
    kept = page.locator("#segment-draft")
    expect(kept).to_have_text("Kept for you, not saved yet")
    page.keyboard.press("ControlOrMeta+z")
    expect(kept).to_have_text("")
    assert not SegmentDraft.objects.exists()
    page.keyboard.press("!")
    page.get_by_label("Name", exact=True).fill("Elsewhere")
    expect(kept).to_have_text("Kept for you, not saved yet")
    other = page_as("admin")
    other.goto(f"/segments/{shop}/")
    expect(other.get_by_text("Marketer has changes here that are not saved")).to_be_visible()
    page.reload()
    expect(page.get_by_text("It counts once you save it")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Elsewhere")
    becomes(page, grouped("all", A | {"op": "ne"}))
    assert Segment.objects.get().condition == A
    page.get_by_role("button", name="Throw my changes away").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Germans")
    expect(page.get_by_text("It counts once you save it")).to_have_count(0)

    page.get_by_label("Name", exact=True).fill("Ours")
    expect(kept).to_have_text("Kept for you, not saved yet")
    other.goto(f"/segments/{shop}/")
    other.get_by_label("Name", exact=True).fill("Theirs")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Admin saved this meanwhile")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Ours")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert (Segment.objects.get().name, SegmentDraft.objects.count()) == ("Ours", 0)
    settled(page)
