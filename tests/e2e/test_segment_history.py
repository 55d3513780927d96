"""A marketer looks at how a segment grew, picks a day and sees who was inside then."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from omnichannel.shared import clock
from profiles.ingest import update_attributes
from profiles.models import Segment
from profiles.segments import membership
from profiles.services import segments
from tests import builders

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

DAY = timedelta(days=1)


@pytest.fixture
def germans(valkey: object) -> Segment:
    """Ada was inside for four days, then came Ben and Cleo, and one of ten left each second day before."""
    now = clock.now()
    names = ["Ada", "Ben", "Cleo", *(f"Person {n}" for n in range(10))]
    people = [builders.profile(now - 20 * DAY, first_name=name, country="FR") for name in names]
    update_attributes({one.pk: {"country": "DE"} for one in (people[0], *people[3:])}, now, "test")
    condition = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
    segments.create("Empty", {"type": "attribute", "field": "country", "op": "eq", "value": "IT"})
    made = segments.create("Germans", condition, description="Everybody whose country is Germany")
    segments.build_all(now - 20 * DAY)
    for n, person in enumerate(people[3:9]):
        update_attributes({person.pk: {"country": "FR"}}, now, "test")
        membership.take(100, now - (18 - 2 * n) * DAY)
    update_attributes({people[0].pk: {"country": "FR"}}, now, "test")
    membership.take(100, now - 4 * DAY)
    update_attributes({people[1].pk: {"country": "DE"}, people[2].pk: {"country": "DE"}}, now, "test")
    membership.take(100, now - 2 * DAY)
    made.refresh_from_db()
    return made


def test_who_was_inside_on_a_day(page_as: Callable[..., Page], germans: Segment) -> None:
    page = page_as("marketer")
    page.goto("/segments/")
    page.get_by_role("link", name="How Germans grew in the last 30 days").click()
    expect(page.get_by_role("heading", name="Germans")).to_be_visible()
    expect(page.get_by_text("People, day by day")).to_be_visible()
    expect(page.locator("oc-chart canvas").first).to_be_visible()
    page.get_by_role("button", name="Table").click()
    day = f"{clock.now() - 5 * DAY:%Y-%m-%d}"
    page.locator(f"a[href*='at={day}']").click()
    expect(page.get_by_label("Who was inside on this day")).to_have_value(day)
    expect(page.get_by_text("5 people were inside at the end of")).to_be_visible()
    expect(page.get_by_role("link", name="Ada")).to_be_visible()
    expect(page.get_by_role("link", name="Cleo")).to_be_hidden()
    page.get_by_label("Who was inside on this day").fill(f"{clock.now() - 3 * DAY:%Y-%m-%d}")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("4 people were inside at the end of")).to_be_visible()
    expect(page.get_by_role("link", name="Ada")).to_be_hidden()
    page.get_by_role("link", name="Everybody inside now").click()
    expect(page.get_by_role("link", name="Cleo")).to_be_visible()
    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_text("Change in 7 days")).to_be_visible()


def test_several_segments_are_copied_and_deleted(page_as: Callable[..., Page], germans: Segment) -> None:
    page = page_as("marketer")
    page.goto("/segments/")
    page.get_by_label("Choose every segment on this page").check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.get_by_role("button", name="Duplicate").click()
    expect(page.get_by_text("2 copies are made.")).to_be_visible()
    page.get_by_label("Choose Empty (copy)").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("1 segment is deleted.")).to_be_visible()
    assert list(Segment.objects.values_list("name", flat=True)) == ["Empty", "Germans", "Germans (copy)"]
