"""A person in a browser: read, changed, found in the timeline, with a message opened as it was sent."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from journeys.models import Delivery
from omnichannel.shared import clock
from profiles.models import AttributeChange, ListEntry, Note, Profile
from profiles.services import lists
from tests.builders import calls, email_template, event, identify, message, tracked

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def ada() -> Profile:
    """Somebody who visited, bought and got a message."""
    now = clock.now()
    calls(
        identify("u1", "a1", email="ada@x.example", firstName="Ada", lastName="Byron", plan="free"),
        tracked("Order Completed", "u1", total=42, currency="EUR", order_id="R-1", products=[{"name": "Tea"}]),
        now=now,
    )
    person = Profile.objects.get()
    for n in range(30):
        event(person, "Viewed Tea", now - timedelta(days=1, minutes=n))
    sent = message(person, email_template("Welcome"), state="sent", sent_at=now - timedelta(hours=2))
    parts = {"subject": "Hello Ada", "html": "<p>Dear Ada, welcome</p>", "text": "Dear Ada"}
    Delivery.objects.create(message=sent, state="accepted", rendered=parts, at=now)
    return person


def test_a_marketer_works_with_a_person(page_as: Callable[..., Page]) -> None:
    person = ada()
    lists.create("Fair", "", by=None, now=clock.now())
    page = page_as("marketer")
    page.goto(f"/people/{person.pk}/")
    expect(page.get_by_role("heading", name="Ada Byron")).to_be_visible()
    expect(page.locator(".person-figures")).to_contain_text("€ 42")

    page.get_by_role("button", name="Edit plan").click()
    page.get_by_label("Value", exact=True).fill("pro")
    page.get_by_role("button", name="Save").click()
    card = page.locator("#attributes")
    expect(card).to_contain_text("pro")
    card.locator("li", has_text="Plan").locator("summary").click()
    expect(card).to_contain_text("was free until")
    assert AttributeChange.objects.filter(name="plan", new="pro").count() == 1

    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("Name", exact=True).fill("age")
    page.get_by_label("Type", exact=True).select_option("number")
    page.locator("#attributes input[type=number]").fill("36")
    page.get_by_role("button", name="Save").click()
    expect(card).to_contain_text("36")

    page.get_by_label("A note about this person").fill("Likes green tea")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#notes")).to_contain_text("Likes green tea")
    expect(page.locator("#timeline")).to_contain_text("Likes green tea")
    assert Note.objects.get().text == "Likes green tea"

    page.get_by_role("button", name="Add to a list").click()
    page.locator(".list-menu").get_by_role("button", name="Fair").click()
    expect(page.locator("#person-lists li", has_text="Fair")).to_be_visible()
    assert ListEntry.objects.get().profile_id == person.pk

    page.locator(".timeline-kinds label", has_text="Messages").click()
    expect(page).to_have_url(re.compile(r"\?kind=messages$"))
    expect(page.locator("#timeline")).not_to_contain_text("Viewed Tea")
    page.locator("#timeline summary", has_text="Welcome").click()
    expect(page.frame_locator(".line-letter iframe").locator("body")).to_contain_text("Dear Ada, welcome")

    page.goto(f"/people/{person.pk}/")
    page.get_by_role("button", name="Show earlier").first.click()
    expect(page.locator(".timeline-line", has_text="Viewed Tea")).to_have_count(30)
    page.get_by_label("Find in the timeline").fill("green")
    expect(page).to_have_url(re.compile(r"\?text=green$"))
    expect(page.locator(".timeline-line")).to_have_count(1)


def test_what_is_chosen_last_is_what_the_timeline_shows(page_as: Callable[..., Page]) -> None:
    """However late the answer to what was asked before it comes."""
    person = ada()
    page = page_as("marketer")
    page.goto(f"/people/{person.pk}/")
    late: list[Route] = []
    page.route(re.compile(r"/timeline/\?(?!.*kind=messages)"), lambda route: late.append(route))
    page.get_by_label("A note about this person").fill("Likes green tea")
    with page.expect_request(re.compile(r"/timeline/")):
        page.get_by_role("button", name="Add note").click()
    page.locator(".timeline-kinds label", has_text="Messages").click()
    page.evaluate("fetch('/people/').then((answer) => answer.text())")  # time enough for what is asked too early
    with page.expect_response(re.compile(r"kind=messages")):
        late[0].continue_()
    expect(page).to_have_url(re.compile(r"\?kind=messages$"))
    expect(page.locator("#timeline")).not_to_contain_text("Viewed Tea")


def test_people_are_chosen_and_put_on_a_list(page_as: Callable[..., Page]) -> None:
    for name in ("Ada", "Bob", "Eve"):
        calls(identify(name.lower(), firstName=name, plan="pro" if name == "Eve" else "free"), now=clock.now())
    page = page_as("marketer")
    page.goto("/people/")
    page.get_by_role("checkbox", name="Choose Ada").check()
    page.get_by_role("checkbox", name="Choose Bob").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("2")
    page.get_by_role("button", name="Add to a list").click()
    page.get_by_label("Name of a new list").fill("Fair")
    page.get_by_role("button", name="Make it and add").click()
    expect(page.get_by_text("2 people were added to “Fair”.")).to_be_visible()
    page.get_by_label("List", exact=True).select_option(label="Fair")
    expect(page.locator("#people-list tbody tr")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/people/\?list=\d+$"))
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Plan").check()
    expect(page.locator("td[data-label=Plan]").first).to_have_text("free")
