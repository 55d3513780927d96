"""Two people change one thing: whoever comes second is told, and nothing is lost; what is not saved is kept."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from journeys.models import Template
from omnichannel.accounts.models import User
from profiles.models import Segment, SegmentDraft
from profiles.services import segment_drafts, segments
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

As = Callable[[str], Client]
GERMANS = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
AUSTRIANS = {**GERMANS, "value": "AT"}
HTMX = {"HX-Request": "true"}


def content(row: Template, seen: str, **changed: str) -> dict[str, str]:
    return {**row.content, "name": row.name, "seen": seen, **changed}


def test_a_message_saved_by_another_meanwhile_is_not_overwritten(client_as: As) -> None:
    row = builders.email_template()
    ann, ben = client_as("marketer"), client_as("admin")
    opened = ann.get(f"/content/{row.pk}/").context["seen"]
    assert ben.post(f"/content/{row.pk}/", content(row, opened, subject="Ben's"), headers=HTMX).status_code == 200
    refused = ann.post(f"/content/{row.pk}/", content(row, opened, subject="Ann's"), headers=HTMX)
    page = refused.content.decode()
    assert (refused.status_code, "Admin saved this meanwhile" in page, "Ann&#x27;s" in page) == (422, True, True)
    row.refresh_from_db()
    assert row.content["subject"] == "Ben's"
    again = ann.post(f"/content/{row.pk}/", content(row, refused.context["seen"], subject="Ann's"), headers=HTMX)
    row.refresh_from_db()
    assert (again.status_code, row.content["subject"]) == (200, "Ann's")
    # What she sees now is what she saved: she goes on without being asked.
    assert (
        ann.post(f"/content/{row.pk}/", content(row, again.context["seen"], subject="Two"), headers=HTMX).status_code
        == 200
    )


def test_another_mistake_does_not_hide_that_somebody_was_faster(client_as: As) -> None:
    row = builders.email_template()
    client = client_as("marketer")
    opened = client.get(f"/content/{row.pk}/").context["seen"]
    client_as("admin").post(f"/content/{row.pk}/", content(row, opened, subject="Ben's"), headers=HTMX)
    refused = client.post(f"/content/{row.pk}/", content(row, opened, name=""), headers=HTMX)
    assert (refused.status_code, refused.context["seen"]) == (422, opened)


@pytest.fixture
def segment(now: datetime) -> Segment:
    made = segments.create("Germans", GERMANS)
    segments.build_all(now)
    made.refresh_from_db()
    return made


def typed(seen: str = "", **changed: Any) -> dict[str, str]:
    given = {"name": "Germans", "description": "", "condition": GERMANS} | changed
    return given | {"condition": json.dumps(given["condition"]), "seen": seen}


def test_a_segment_saved_by_another_meanwhile_is_not_overwritten(client_as: As, segment: Segment) -> None:
    ann, ben, url = client_as("marketer"), client_as("admin"), f"/segments/{segment.pk}/"
    opened = ann.get(url).context["seen"]
    assert ben.post(url, typed(opened, condition=AUSTRIANS)).status_code == 302
    refused = ann.post(url, typed(opened, name="Ann's"))
    assert (refused.status_code, "Admin saved this meanwhile" in refused.content.decode()) == (422, True)
    segment.refresh_from_db()
    assert (segment.name, segment.condition) == ("Germans", AUSTRIANS)
    assert ann.post(url, typed(refused.context["seen"], name="Ann's")).status_code == 302
    segment.refresh_from_db()
    assert (segment.name, segment.condition) == ("Ann's", GERMANS)


def test_a_build_is_nobody_who_was_faster(client_as: As, segment: Segment, now: datetime) -> None:
    client, url = client_as("marketer"), f"/segments/{segment.pk}/"
    opened = client.get(url).context["seen"]
    segments.ask_again("attribute", "country")
    segments.build_all(now)
    assert client.post(url, typed(opened, name="DE")).status_code == 302


def test_what_is_not_saved_is_kept_for_whoever_typed_it(client_as: As, segment: Segment, marketer: User) -> None:
    ann, ben, url = client_as("marketer"), client_as("admin"), f"/segments/{segment.pk}/"
    unfinished = {"type": "all", "of": [GERMANS, {"type": "empty"}]}
    seen = ann.get(url).context["seen"]
    told = ann.post(f"{url}draft/", typed(seen, condition=unfinished), headers=HTMX)
    assert "Kept for you, not saved yet" in told.content.decode()
    page = ann.get(url)
    assert (json.loads(page.context["form"]["condition"].value()), page.context["seen"]) == (unfinished, seen)
    text = page.content.decode()
    assert ("It counts once you save it" in text, "data-unsaved" in text) == (True, True)
    other = ben.get(url).content.decode()
    assert ("Marketer has changes here that are not saved" in other, "data-unsaved" in other) == (True, False)
    assert client_as("analyst").post(f"{url}draft/", typed(seen)).status_code == 403
    segment.refresh_from_db()
    assert segment.condition == GERMANS
    # Meanwhile saved by another: said before anything is lost.
    ben.post(url, typed(seen, condition=AUSTRIANS))
    assert "Admin saved this meanwhile" in ann.get(url).content.decode()
    assert ann.post(f"{url}draft/", {"drop": "1"}).status_code == 302
    assert not SegmentDraft.objects.exists()
    assert json.loads(ann.get(url).context["form"]["condition"].value()) == AUSTRIANS


def test_saving_ends_the_draft_and_so_does_going_back(
    client_as: As, segment: Segment, marketer: User, now: datetime
) -> None:
    client, url = client_as("marketer"), f"/segments/{segment.pk}/"
    seen = client.get(url).context["seen"]
    client.post(f"{url}draft/", typed(seen, name="DE"))
    assert segment_drafts.of(segment, marketer) is not None
    client.post(f"{url}draft/", typed(seen))  # as it is saved
    assert segment_drafts.of(segment, marketer) is None
    client.post(f"{url}draft/", typed(seen, name="DE"))
    assert client.post(url, typed(seen, name="DE")).status_code == 302
    assert not SegmentDraft.objects.exists()


def test_a_new_segment_is_kept_too(client_as: As, marketer: User) -> None:
    client = client_as("marketer")
    client.post("/segments/new/draft/", typed(name="Later"))
    assert client.get("/segments/new/").context["form"]["name"].value() == "Later"
    assert client.get("/segments/new/?preset=lost").context["form"]["name"].value() != "Later"
    assert client_as("admin").get("/segments/new/").context["draft"] is None
    assert client.post("/segments/new/", typed(name="Now")).status_code == 302
    assert not SegmentDraft.objects.exists()
