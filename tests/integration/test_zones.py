"""Whose clock counts: the customer's, the journey's, the workspace's; refused on entry, and who moves is re-timed."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from journeys.engine import inbox, runner
from journeys.engine.kept import CLOCK
from journeys.models import Enrollment, Journey, StepRecord
from journeys.queries.document import document
from journeys.queries.reasons import Words, why
from journeys.services.build import SpecError
from omnichannel.accounts.models import Workspace
from profiles import ingest
from profiles.models import Profile
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


MORNING = """
    start: entry_event(event="Signed Up") -> nine
    nine: wait_window(opens="09:00", closes="09:30")
"""


def morning(timezone: str) -> Journey:
    """Come in by signing up, wait until nine in the morning."""
    return builders.journey(MORNING, settings={"timezone": timezone})


def signed_up(now: datetime, *people: Profile) -> None:
    with transaction.atomic():
        ingest.track([ingest.TrackRow(one.pk, "Signed Up", {}, now, uuid4()) for one in people], now)
    settle(now)


def settle(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now):
        pass


def due(person: Profile) -> datetime | None:
    return Enrollment.objects.get(profile_id=person.pk).due_at


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("journeys", "expected"),
    [("America/New_York", "2026-03-02T14:00"), ("", "2026-03-03T03:30")],
)
def test_their_own_zone_then_the_journeys_then_the_workspaces(journeys: str, expected: str) -> None:
    Workspace.objects.update_or_create(pk=1, defaults={"timezone": "Asia/Kolkata"})
    morning(journeys)
    own, none, unknown = (
        builders.profile(NOW, **given) for given in ({"timezone": "Europe/Lisbon"}, {}, {"timezone": "Nowhere/At_All"})
    )
    signed_up(NOW, own, none, unknown)
    assert due(own) == at("2026-03-03T09:00")
    assert due(none) == at(expected)
    assert due(unknown) == at(expected)


def test_who_moves_is_timed_anew_at_once() -> None:
    morning("")
    person = builders.profile(timezone="America/Los_Angeles")
    signed_up(NOW, person)
    assert due(person) == at("2026-03-02T17:00")
    with transaction.atomic():
        ingest.update_attributes({person.pk: {"timezone": "America/New_York"}}, NOW, source="test")
    settle(NOW)
    assert due(person) == at("2026-03-02T14:00")


def test_an_unknown_zone_is_refused_everywhere() -> None:
    person = builders.profile(timezone="Europe/Berlin")
    with transaction.atomic():
        assert ingest.update_attributes({person.pk: {"timezone": "Mars/Olympus"}}, NOW, source="test") == 0
    assert Profile.objects.get(pk=person.pk).attributes == {"timezone": "Europe/Berlin"}
    with pytest.raises(SpecError) as refused:
        morning("Mars/Olympus")
    assert refused.value.path == "settings.timezone"
    assert Journey.objects.count() == 0


def test_the_zone_goes_with_the_drawing() -> None:
    assert document(morning("Asia/Tokyo"))["settings"]["timezone"] == "Asia/Tokyo"


def test_a_step_tells_when_another_clock_counted() -> None:
    builders.journey(MORNING.replace('"09:00"', '"00:00"'), settings={"timezone": "Asia/Tokyo"})
    person = builders.profile(timezone="Mars/Olympus")
    signed_up(at("2026-03-02T00:10"), person)
    (step,) = StepRecord.objects.filter(facts__isnull=False)
    assert step.facts == {"attributes": {"timezone": "Mars/Olympus", CLOCK: "Asia/Tokyo"}}
    told = why(step.facts, None, Words({}, {}))
    assert "their time zone is not known, so the clock of Asia/Tokyo counted" in told


def test_the_page_of_somebody_says_that_their_zone_is_not_known(client_as: Callable[[str], Client]) -> None:
    unknown, known = builders.profile(timezone="Mars/Olympus"), builders.profile(timezone="Asia/Tokyo")
    pages = [client_as("analyst").get(f"/people/{one.pk}/").content.decode() for one in (unknown, known)]
    assert ["time zone “Mars/Olympus” is not known" in pages[0], "is not known" in pages[1]] == [True, False]
