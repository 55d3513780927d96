"""Home on the first day and later, the rail, the palette, and API keys as callers."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from journeys.queries import first_run, search
from journeys.views.home import greeting
from omnichannel.accounts import keys
from omnichannel.accounts.models import ApiKey, User
from omnichannel.shared.context import MAIN, SANDBOX, SET_UP, places
from profiles.models import Segment
from tests import builders

pytestmark = pytest.mark.django_db


def test_the_guide_follows_along(now: datetime, client_as: Callable[[str], Client], admin: User) -> None:
    browser = client_as("admin")
    assert [step.done for step in first_run.steps()] == [False] * 5
    page = browser.get("/").content.decode()
    assert page.count("guide-step") == 5 and "Connect a source" in page
    builders.event(builders.profile(email="ada@shop.example"), "Signed Up")
    Segment.objects.create(name="Regulars")
    assert [step.done for step in first_run.steps()] == [True, True, True, False, False]
    for step in first_run.steps():
        assert browser.get(reverse(step.url_name)).status_code in (200, 302)


def test_home_is_the_dashboard_once_a_journey_was_published(now: datetime, client_as: Callable[[str], Client]) -> None:
    builders.journey(
        """
        start: entry_event(event="Signed Up") -> done
        done: exit()
        """
    )
    page = client_as("analyst").get("/").content.decode()
    assert "guide-step" not in page and "Messages by day" in page
    assert "guide-step" in client_as("analyst").get("/?guide=1").content.decode()


@pytest.mark.parametrize(
    ("hour", "text"), [(4, "Good morning"), (11, "Good morning"), (12, "Good afternoon"), (18, "Good evening")]
)
def test_greetings(hour: int, text: str) -> None:
    assert greeting(hour) == text


def test_every_line_of_the_rail_leads_somewhere() -> None:
    lines = places((*MAIN, *SET_UP, *SANDBOX), "/segments/7/")
    assert len(lines) == 12
    assert [line.url for line in lines if line.active] == ["/segments/"]


def test_the_palette_finds_everything_by_name(now: datetime) -> None:
    ada = builders.profile(first_name="Ada", last_name="Fernweh", email="ada@shop.example")
    segment = Segment.objects.create(name="Fernweh lovers")
    groups = search.search("fernweh", admin=False)
    assert [(group.title, [hit.url for hit in group.hits]) for group in groups] == [
        ("Segments", [f"/segments/{segment.pk}/"]),
        ("People", [f"/people/{ada.pk}/"]),
    ]
    assert [hit.label for group in search.search("", admin=False) for hit in group.hits][:2] == ["Home", "Journeys"]
    assert not search.pages("history", admin=False)
    assert [hit.url for hit in search.pages("history", admin=True)] == ["/settings/audit/"]
    assert search.search("no such thing", admin=True) == []


def test_the_palette_takes_what_was_typed_as_text(client_as: Callable[[str], Client]) -> None:
    page = client_as("analyst").get("/search/", {"q": "<script>%_"}).content.decode()
    assert "<script>" not in page and "&lt;script&gt;%_" in page


def test_a_key_opens_the_api_as_far_as_its_role_reaches(now: datetime, client: Client, admin: User) -> None:
    row, secret = ApiKey.issue("Reader", "api", role="analyst", by=admin)
    write = ApiKey.issue("Shop", "write")[1]
    assert client.get("/api/segments/").status_code == 401
    for headers in ({"Authorization": f"Bearer {secret}"}, {"Api-Key": secret}):
        assert client.get("/api/segments/", headers=headers).status_code == 200
    refused = client.post("/api/segments/", {}, content_type="application/json", headers={"Api-Key": secret})
    assert refused.status_code == 403 and not Segment.objects.exists()
    assert client.get("/api/segments/", headers={"Api-Key": write}).status_code == 401
    keys.revoke(row, by=admin, now=now)
    assert client.get("/api/segments/", headers={"Api-Key": secret}).status_code == 401
