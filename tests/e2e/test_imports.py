"""A marketer brings people in from a file by clicks: looks, corrects a choice, checks, takes them in, sees who came."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from omnichannel.jobs import work
from profiles.models import ListEntry, Profile, Topic

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def finish() -> None:
    """What a worker would do."""
    while work.stint():
        pass


def test_people_come_in_by_clicks(page_as: Callable[..., Page], valkey: object, tmp_path: Path) -> None:
    Topic.objects.create(slug="news", name="News")
    file = tmp_path / "club members.csv"
    rows = [f"anna{n}@shop.example;Anna;+49 151 2345{n:03};{n},50;01.0{n}.2026;ja" for n in range(1, 9)]
    rows.insert(3, "nonsense;Ben;;1;;nein")
    head = "Mail;Vorname;Handy;Umsatz;Mitglied seit;News"
    file.write_bytes("\r\n".join([head, *rows, ""]).encode("utf-16"))
    page = page_as("marketer")
    page.goto("/people/")
    page.get_by_role("link", name="Import").click()
    page.get_by_label("Drop a file here, or choose one").set_input_files(file)
    expect(page.get_by_role("heading", name="club members.csv")).to_be_visible()
    expect(page.get_by_label("Mail becomes")).to_have_value("email")
    expect(page.get_by_label("News becomes")).to_have_value("consent:news")
    expect(page.get_by_text("This is not an e-mail address.")).to_be_visible()
    expect(page.get_by_text("2026-02-01")).to_be_visible()
    page.get_by_label("Mitglied seit becomes").select_option("ignore")
    expect(page.get_by_text("2026-02-01")).to_be_hidden()
    page.get_by_label("Name of the attribute for Umsatz").fill("Turnover")
    page.get_by_label("Put everybody on a list").select_option(label="A new list")
    page.get_by_label("Name of the list").fill("Club")
    page.get_by_role("button", name="Check first, store nothing").click()
    expect(page.get_by_role("heading", name="What a check says")).to_be_visible()
    assert Profile.objects.count() == 0
    finish()
    expect(page.get_by_role("link", name="Rows with problems, as a file")).to_be_visible()
    page.get_by_role("button", name="Bring in about 9 rows").click()
    expect(page.get_by_text("It goes on when you leave this page.")).to_be_visible()
    finish()
    with page.expect_download() as download:
        page.get_by_role("link", name="Rows left out, as a file").click()
    assert "nonsense" in Path(download.value.path()).read_text("utf-8-sig")
    page.get_by_role("link", name="See the people").click()
    page.get_by_role("link", name="New people 8").click()
    expect(page.get_by_text("anna8@shop.example")).to_be_visible()
    assert (Profile.objects.count(), ListEntry.objects.filter(list__name="Club").count()) == (8, 8)
    anna = Profile.objects.get(attributes__email="anna2@shop.example")
    assert anna.attributes == {
        "email": "anna2@shop.example", "first_name": "Anna", "phone": "+49 151 2345002", "turnover": 2.5,
    }  # fmt: skip
    assert anna.consent_set.get().subscribed is True
