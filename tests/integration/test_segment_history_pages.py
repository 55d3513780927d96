"""Pages of a segment's past: who was inside on a day, how it grew, who changed it; and several segments at once."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from profiles.ingest import update_attributes
from profiles.models import Membership, Profile, Segment
from profiles.segments import checking, membership
from profiles.services import segments, usage
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

DAY = timedelta(days=1)
GERMANS: dict[str, Any] = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
SignedIn = Callable[[str], Client]


@pytest.fixture
def anna(now: datetime) -> Profile:
    return builders.profile(country="DE", first_name="Anna", email="anna@shop.example")


@pytest.fixture
def germans(now: datetime, anna: Profile) -> Segment:
    """Anna was inside a week ago; Bob is inside now."""
    bob = builders.profile(country="FR", first_name="Bob")
    made = segments.create("Germans", GERMANS)
    segments.build_all(now - 7 * DAY)
    update_attributes({anna.pk: {"country": "FR"}, bob.pk: {"country": "DE"}}, now, "test")
    membership.take(100, now - DAY)
    made.refresh_from_db()
    return made


def text(client: Client, name: str, segment: Segment, **query: str) -> str:
    answer = client.get(reverse(name, args=[segment.pk]), query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.content.decode()))


def test_who_was_inside_on_a_day(client_as: SignedIn, germans: Segment) -> None:
    client = client_as("analyst")
    now = text(client, "segment_people", germans)
    assert "Bob" in now and "Anna" not in now and "country changed" in now
    then = text(client, "segment_people", germans, at="2026-02-26")
    assert "1 person was inside at the end of 26 February 2026." in then
    assert "Anna" in then and "Bob" not in then and "was there when the segment was built" in then
    assert "Nobody was here then." in text(client, "segment_people", germans, at="2026-01-01")
    assert "Nobody of this name is here." in text(client, "segment_people", germans, at="2026-02-26", q="bob")
    assert "Anna" in text(client, "segment_people", germans, at="2026-02-26", q="anna@shop")
    odd = text(client, "segment_people", germans, at="2026-02-30")
    assert "This is not a day of the calendar" in odd and "Bob" in odd
    assert "Bob" in text(client, "segment_people", germans, at="2030-01-01")
    assert "Bob" in text(client, "segment_people", germans, q="bob")


def test_the_history_of_a_segment(client_as: SignedIn, germans: Segment, now: datetime) -> None:
    client = client_as("marketer")
    name = {"name": "Germans", "description": "", "condition": '{"type": "attribute", "field": "plan", "op": "is_set"}'}
    client.post(reverse("segment", args=[germans.pk]), name)
    shown = text(client, "segment_history", germans, days="7")
    assert "Change in 7 days" in shown and "Came in 1 " in shown and "Left 1 " in shown
    _before, _heading, changes = shown.partition("Changes of the segment ")
    said = r"Marketer changed the conditions .* People who have country DE People who have a known plan The system made"
    assert re.match(said, changes)
    assert "The first check comes tonight." in shown
    segments.build_all(now)
    Membership.objects.create(segment=germans, profile=Profile.objects.earliest("pk"), since=now)
    checking.check(germans.pk, now)
    shown = text(client, "segment_history", germans, days="nonsense")
    assert "0 people were missing and 1 were inside by mistake. It has been put right." in shown
    checking.check(germans.pk, now + DAY)
    assert ": exact" in text(client, "segment_state", germans)
    made = segments.create("New", GERMANS)
    assert "No history yet" in text(client, "segment_history", made)


def test_the_state_says_how_far_a_build_is(client_as: SignedIn, germans: Segment) -> None:
    Segment.objects.update(state="building", build_total=2000, build_done=1500)
    assert "1,500 of 2,000 changes are written." in text(client_as("analyst"), "segment_state", germans)


def test_several_segments_at_once(client_as: SignedIn, germans: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
    used, unused = segments.create("Used", GERMANS), segments.create("Unused", GERMANS)
    monkeypatch.setattr(
        usage, "_asked", [lambda ids: {used.pk: [usage.Use("Welcome", "/", "journey")]} if used.pk in ids else {}]
    )
    chosen = {"ids": [str(used.pk), str(unused.pk), "x", "9" * 30]}
    bulk = reverse("segments_bulk")
    assert client_as("analyst").post(bulk, chosen | {"do": "delete"}).status_code == 403
    client = client_as("marketer")
    client.post(bulk, chosen | {"do": "duplicate"})
    client.post(bulk, chosen | {"do": "nothing"})
    names = ["Germans", "Unused", "Unused (copy)", "Used", "Used (copy)"]
    assert list(Segment.objects.values_list("name", flat=True)) == names
    answer = client.post(bulk, chosen | {"do": "delete"}, follow=True).content.decode()
    assert "1 segment is deleted." in answer and "Not deleted, because something uses them: Used." in answer
    assert list(Segment.objects.values_list("name", flat=True)) == ["Germans", "Unused (copy)", "Used", "Used (copy)"]
    assert "<polyline points=" in answer
