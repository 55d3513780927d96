"""A marketer leads one person through a drawing, lets it run over the last days, and asks why somebody is not there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from journeys.models import Message
from omnichannel.jobs import work
from omnichannel.shared import clock
from tests import builders

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
DRAWING = """
    start: entry_event(event="Signed Up") -> who
    who: audience(condition=germans) yes -> mail, no -> out
    mail: send(template="Welcome") -> read
    read: opened(send_key="mail", amount=1, unit="days") opened -> out, not_opened -> again
    again: send(template="Reminder") -> out
    out: exit()
"""
GERMANS = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}


def test_trust(page_as: Callable[..., Page]) -> None:
    day, at = timedelta(days=1), clock.now()
    for name in ("Ada", "Bo"):
        person = builders.profile(at, country="DE", first_name=name, email=f"{name}@shop.example")
        builders.event(person, "Signed Up", at - 3 * day)
    journey = builders.journey(DRAWING, name="Welcome", at=at - day, germans=GERMANS)
    page = page_as("marketer")

    page.goto(f"/journeys/{journey.pk}/test/")
    page.get_by_label("Who", exact=True).select_option(label="Ada")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("matched (have country DE: DE)")).to_be_visible()
    expect(page.locator("[data-key=read]")).to_contain_text("1")
    page.get_by_role("button", name="Let time pass").click()
    expect(page.locator(".trial-here")).to_contain_text("The journey is over")
    page.locator(".trial-letter summary").last.click()
    expect(page.locator(".trial-preview").last).to_contain_text("Reminder")
    page.get_by_role("button", name="Rather: No").click()
    expect(page.get_by_text("chosen by you")).to_be_visible()

    page.get_by_role("link", name="The last days").click()
    page.get_by_label("Of 100 messages are opened").fill("0")
    page.get_by_label("… and clicked").fill("0")
    page.get_by_role("button", name="Let it run").click()
    expect(page.get_by_role("heading", name="If this had run the last 30 days")).to_be_visible()
    while work.stint():
        pass
    expect(page.get_by_text("messages: 0 people")).to_be_visible()
    page.get_by_label("More than").select_option("1")
    expect(page.get_by_text("messages: 2 people")).to_be_visible()
    expect(page.locator("[data-key=mail]")).to_contain_text("2")
    assert Message.objects.count() == 0

    page.goto(f"/journeys/{journey.pk}/people/")
    page.get_by_placeholder("Why is somebody here, or not?").fill("Ada")
    page.get_by_role("link", name="Why?").click()
    expect(page.get_by_text("They did “Signed Up” last on")).to_be_visible()
