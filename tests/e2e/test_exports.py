"""A marketer exports whom she found, sees how far it is, fetches the file, and changes a few people at once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from omnichannel.jobs import work
from omnichannel.shared import clock
from profiles.bulk import export
from profiles.models import Profile
from tests import builders

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(valkey: object) -> list[Profile]:
    """Six people from Germany, two from France."""
    now = clock.now()
    return [
        builders.profile(now, first_name=f"Person {n}", country="DE" if n < 6 else "FR", orders=n) for n in range(8)
    ]


def finish() -> None:
    while work.stint():
        pass


def test_export_with_progress_and_the_bell(
    page_as: Callable[..., Page], shop: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 3)
    page = page_as("marketer")
    page.goto("/people/")
    page.get_by_role("button", name="Attribute").click()
    page.get_by_label("Attribute", exact=True).fill("country")
    page.get_by_label("Value").fill("DE")
    page.get_by_label("Value").press("Enter")
    expect(page.get_by_text("6 people")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_text("country is DE")).to_be_visible()
    expect(page.get_by_label("first name")).to_be_checked()
    page.get_by_label("First seen").uncheck()
    page.get_by_label("Last seen").uncheck()
    page.get_by_label("User id").uncheck()
    page.get_by_role("button", name="Start the export").click()
    expect(page.get_by_role("heading", name="Export of country is DE (CSV)")).to_be_visible()
    expect(page.locator("#job").get_by_text("Waiting for its turn")).to_be_visible()
    job_id = int(page.url.rstrip("/").rpartition("/")[2])
    for _n in range(3):
        assert work.chunk(job_id, clock.now())
    expect(page.get_by_text("3 of 6 people")).to_be_visible()
    page.get_by_role("link", name="Segments").click()
    finish()
    expect(page.get_by_text("“Export of country is DE (CSV)” is ready.")).to_be_visible()
    page.get_by_role("button", name="Work in the background 1 new result").click()
    page.locator(".rail").get_by_role("link", name="Export of country is DE (CSV)").click()
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download").click()
    lines = loading.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "id,country,first_name,orders"
    assert [line.partition(",")[2] for line in lines[1:]] == [f"DE,Person {n},{n}" for n in range(6)]
    expect(page.get_by_role("button", name="Work in the background", exact=True)).to_be_visible()


def test_change_chosen_people_and_take_it_back(page_as: Callable[..., Page], shop: list[Profile]) -> None:
    page = page_as("marketer")
    page.goto("/people/")
    for name in ("Person 1", "Person 7"):
        page.get_by_role("checkbox", name=f"Choose {name}").check()
    page.get_by_role("button", name="Change", exact=True).click()
    page.get_by_role("button", name="Those who are chosen").click()
    page.get_by_label("Name", exact=True).fill("country")
    page.get_by_label("Value").fill("FR")
    expect(page.get_by_label("Topic", exact=True)).to_be_hidden()
    page.get_by_role("button", name="See what it would change").click()
    expect(page.get_by_text("It changes 1 person.")).to_be_visible()
    page.get_by_role("button", name="Change 1 person").click()
    expect(page.get_by_role("heading", name="Set country to FR: 2 chosen people")).to_be_visible()
    finish()
    expect(page.get_by_text("1 person was changed. 1 stays as it was.")).to_be_visible()
    countries = [one.attributes["country"] for one in Profile.objects.order_by("id")]
    assert countries == ["DE", "FR", *["DE"] * 4, "FR", "FR"]
    page.get_by_role("button", name="Take it back").click()
    page.locator("#confirm").get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("heading", name="Taken back: Set country to FR")).to_be_visible()
    finish()
    expect(page.get_by_text("1 person was changed.")).to_be_visible()
    assert [one.attributes["country"] for one in Profile.objects.order_by("id")] == [*["DE"] * 6, "FR", "FR"]
