"""Writing a message: it is saved in place, says when it is not, and is not lost by leaving."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect

from journeys.models import Template
from tests import builders

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_what_is_typed_is_saved_in_place_or_asked_about(page_as: Callable[..., Page]) -> None:
    template = builders.template("Welcome")
    builders.journey('come: entry_event(event="A") -> mail\nmail: send(template="Welcome")')
    page, asked = page_as("marketer"), list[str]()

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(f"/content/{template.pk}/")
    subject, state = page.locator("[name=subject]"), page.locator("#content-saved")
    expect(state).to_contain_text("saved")
    subject.fill("Hello there")
    expect(state).to_have_text("Not saved yet: what is live sends the last saved one")
    page.get_by_role("link", name="Home").click()
    expect(subject).to_have_value("Hello there")
    assert asked == ["beforeunload"]

    subject.press("Control+s")
    expect(state).to_have_text("saved now")
    expect(subject).to_be_focused()
    template.refresh_from_db()
    assert template.content["subject"] == "Hello there"

    page.locator("[name=name]").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This field is required.")).to_be_visible()
    expect(state).to_have_text(re.compile("Not saved yet"))
    page.locator("[name=name]").fill("Hello")
    subject.fill("{{ first_name | nope }}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved, but it cannot be sent as it is.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello")
    page.get_by_role("link", name="Home").click()
    page.wait_for_url(re.compile(r":\d+/$"))
    assert asked == ["beforeunload"]
    assert Template.objects.get().name == "Hello"
