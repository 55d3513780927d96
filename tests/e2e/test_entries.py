"""A marketer draws a newsletter: at a set time, for a segment; the card opens with the questions that matter."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from journeys.models import Enrollment, EntryClock, Journey
from omnichannel.jobs import work as jobs
from omnichannel.shared import clock
from profiles.models import Membership, Segment
from tests import builders

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def readers(n: int) -> Segment:
    now = clock.now()
    made = Segment.objects.create(name="Readers", state="live", built_at=now, size=n)
    people = [builders.profile(now) for _ in range(n)]
    since = now - timedelta(days=1)
    Membership.objects.bulk_create(Membership(segment=made, profile=one, since=since) for one in people)
    return made


def drawn(**given: Any) -> Journey:
    return builders.journey('start: entry_schedule() -> mail\nmail: send(template="News") -> end\nend: exit()', **given)


def test_a_weekly_newsletter_is_set_up_and_published(page_as: Callable[..., Page]) -> None:
    readers(3)
    journey = drawn(name="Newsletter", publish=False)
    page = page_as("marketer")
    page.goto(f"/journeys/{journey.pk}/")
    page.locator(".cv-card", has_text="At a set time").click()
    form = page.locator("#inspector")
    expect(form.locator("[name=first_day]")).to_be_visible()
    expect(form.get_by_label("Monday")).to_have_count(0)
    form.locator("[name=segment]").select_option(label="Readers")
    expect(form.get_by_text("Choose who is to come in.")).to_have_count(0)
    form.locator("[name=repeat]").select_option("weekly")
    expect(form.get_by_label("Monday")).to_be_checked()
    form.get_by_label("Friday").check()
    expect(page.locator(".cv-card").get_by_text("every Mon, Fri")).to_be_visible()
    form.locator("[name=clock]").select_option("theirs")
    expect(page.get_by_text("come in every Mon, Fri at 9 a.m. where they live")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    dialog = page.locator("#publish")
    expect(dialog.get_by_text("brings people in next on")).to_be_visible()
    dialog.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/report/**")
    row = EntryClock.objects.get()
    assert (row.journey_id, row.reached) == (journey.pk, 0)
    assert row.due_at is not None


def test_those_who_qualify_already_are_added(page_as: Callable[..., Page]) -> None:
    journey = builders.journey(
        "start: entry_segment(segment=who) -> w\nw: delay()", name="Welcome", publish=False, who=readers(3)
    )
    page = page_as("marketer")
    page.goto(f"/journeys/{journey.pk}/")
    page.get_by_role("button", name="Publish").click()
    dialog = page.locator("#publish")
    dialog.get_by_label("Also add the people who qualify already").check()
    expect(dialog.get_by_text("3 people are in Readers now.")).to_be_visible()
    dialog.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/report/**")
    while jobs.stint():
        pass
    assert Enrollment.objects.filter(journey_id=journey.pk).count() == 3
