"""Why somebody is in a journey, why not, and what comes next: with the values of that moment."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from auditlog.models import LogEntry
from django.db import transaction
from django.test import Client

from journeys.engine import inbox, runner
from journeys.models import Journey, StepRecord
from journeys.queries.explain import Explanation, explanation, nobody
from journeys.services import lifecycle
from omnichannel.shared import clock
from profiles import ingest
from profiles.models import Membership, Profile, Segment
from profiles.services.erasure import erase
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
GERMANS = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
TRIAL = [{"field": "plan", "op": "eq", "value": "trial"}]


def does(person: Profile, name: str, at: datetime = NOW, **properties: Any) -> None:
    """Somebody does something, and the engine does what follows."""
    with transaction.atomic():
        ingest.track([ingest.TrackRow(person.pk, name, properties, at, uuid4())], at)
    while inbox.take(1000, at) or runner.advance(at):
        pass


def drawn(**more: Any) -> Journey:
    return builders.journey(
        """
        start: entry_event(event="Signed Up", where=trial) -> where
        where: audience(condition=germans) yes -> hold, no -> out
        hold: wait_event(event="Bought", amount=2, unit="days") happened -> out, timed_out -> out
        out: exit(reason="Done")
        """,
        trial=TRIAL,
        germans=GERMANS,
        **more,
    )


def told(journey: Journey, person: Profile, at: datetime = NOW) -> Explanation:
    return explanation(Journey.objects.select_related("live").get(pk=journey.pk), person.pk, at)


def short(journey: Journey, person: Profile, at: datetime = NOW) -> str:
    found = told(journey, person, at)
    assert found.why_not is not None
    return found.why_not.short


def test_somebody_inside_is_told_what_decided_then_and_what_comes_next(now: datetime) -> None:
    journey, person = drawn(), builders.profile(country="DE", name="Ada")
    does(person, "Signed Up", plan="trial")
    assert StepRecord.objects.get(port="yes").facts == {"asked": [[True, [[True, "DE"]]]]}
    Profile.objects.filter(pk=person.pk).update(attributes={"country": "US", "name": "Ada"})
    found = told(journey, person, NOW + HOUR)
    (passage,) = found.passages
    assert found.why_not is None
    assert [(step.way, step.why) for step in passage.steps] == [("Yes", "matched (have country DE: DE)"), ("", "")]
    assert passage.came == "“Signed Up” on 2 Mar 2026, 10:00: plan trial"
    assert (passage.next, passage.due_at) == ("Goes on with “Bought”, at the latest", NOW + timedelta(days=2))
    assert passage.then == [("Happened", "End · Done"), ("Not within 2 days", "End · Done")]


def test_why_not_by_an_event(now: datetime) -> None:
    early = builders.profile()
    builders.event(early, "Signed Up", NOW - HOUR, plan="trial")
    journey = drawn()
    never, other = builders.profile(), builders.profile()
    does(other, "Signed Up", NOW + HOUR, plan="pro")
    assert short(journey, never) == "They have never done “Signed Up”."
    before = "They did “Signed Up” last on 2 Mar 2026, 09:00, before the journey went live on 2 Mar 2026, 10:00."
    assert short(journey, early) == before
    missed = "They did “Signed Up” on 2 Mar 2026, 11:00, but this does not hold: plan is trial (pro)."
    assert short(journey, other, NOW + 2 * HOUR) == missed
    found = told(journey, other, NOW + 2 * HOUR)
    assert found.why_not is not None
    assert [(one.depth, one.words, one.holds, one.found) for one in found.why_not.lines] == [
        (0, "The journey is live", True, "since 2 Mar 2026, 10:00"),
        (0, "When someone does Signed Up where plan is trial", False, ""),
        (1, "did “Signed Up”", True, "last on 2 Mar 2026, 11:00"),
        (1, "after the journey went live (2 Mar 2026, 10:00)", True, ""),
        (2, "plan is trial", False, "pro"),
        (0, "Nobody comes in again while they are inside", True, ""),
    ]


def test_why_not_while_it_was_paused(now: datetime) -> None:
    journey, person = drawn(), builders.profile()
    lifecycle.pause(journey, None, NOW)
    LogEntry.objects.get_for_object(journey).update(timestamp=NOW)
    assert short(journey, person) == "The journey is paused: nobody comes in."
    does(person, "Signed Up", NOW + HOUR, plan="trial")
    lifecycle.resume(journey, None, NOW + 2 * HOUR)
    LogEntry.objects.filter(timestamp__gt=NOW).update(timestamp=NOW + 2 * HOUR)
    paused = "They did “Signed Up” on 2 Mar 2026, 11:00, while the journey was paused."
    assert short(journey, person, NOW + 3 * HOUR) == paused


def test_why_not_by_a_segment(now: datetime) -> None:
    segment = Segment.objects.create(name="Germans", condition=GERMANS, state=Segment.State.LIVE, built_at=NOW)
    inside = builders.profile(country="DE")
    Membership.objects.create(segment=segment, profile=inside, since=NOW - HOUR)
    outside = builders.profile(country="US")
    journey = builders.journey("start: entry_segment(segment=germans) -> out\nout: exit()", germans=segment)
    assert short(journey, outside) == "They are not in “Germans”: have country DE – found: US."
    assert short(journey, inside) == "They were in “Germans” already when the journey went live."


def test_why_not_again(now: datetime) -> None:
    once, person = drawn(settings={"reentry": "once"}), builders.profile(country="US")
    does(person, "Signed Up", plan="trial")
    found = told(once, person)
    assert [one.state for one in found.passages] == ["Went through"]
    assert found.why_not is not None
    assert found.why_not.short == "Everybody comes in once in a lifetime: came in on 2 Mar 2026, 10:00."


def test_why_not_for_the_same_order(now: datetime) -> None:
    journey, person = drawn(settings={"reentry": "once", "entry_key": "order"}), builders.profile(country="US")
    does(person, "Signed Up", plan="trial", order=7)
    assert short(journey, person) == "Nothing stands in the way: they come in when it happens next."
    does(person, "Signed Up", NOW + HOUR, plan="trial", order=7)
    assert short(journey, person, NOW + HOUR) == "They came in for order 7 on 2 Mar 2026, 10:00 already."


def test_why_not_where_nothing_can_be_asked(now: datetime, admin: Any) -> None:
    draft, person = drawn(publish=False), builders.profile(email="ada@shop.example")
    assert short(draft, person) == "The journey has not been published yet."
    builders.calls(builders.identify("u1", email="bob@shop.example"))
    bob = Profile.objects.get(attributes__email="bob@shop.example")
    erase(bob, by=admin, now=NOW)
    assert told(draft, bob).unknown == "There is nobody with this number: they were erased, or never there."
    assert nobody("bob@shop.example") == "They were erased: nothing is known about them any more."
    assert nobody("eve@shop.example") == "Nobody with this name, address or number is known."


def test_pages_and_api_tell_it(now: datetime, client_as: Callable[[str], Client], api_key: str) -> None:
    journey, person = drawn(), builders.profile(name="Ada", country="DE")
    client = client_as("analyst")
    page = client.get(f"/journeys/{journey.pk}/people/{person.pk}/").content.decode()
    assert "They have never done “Signed Up”." in page
    found = client.get(f"/journeys/{journey.pk}/people/find/?q=Ada").content.decode()
    assert f'href="/journeys/{journey.pk}/people/{person.pk}/"' in found
    card = client.get(f"/people/{person.pk}/journeys/").content.decode()
    assert f'<option value="{journey.pk}">Test</option>' in card
    asked = client.get(f"/people/{person.pk}/why/?journey={journey.pk}").content.decode()
    assert "They have never done “Signed Up”." in asked
    does(person, "Signed Up", plan="trial")
    api = Client(headers={"authorization": f"Bearer {api_key}"})
    answer = api.get(f"/api/journeys/{journey.pk}/explain/?profile={person.pk}").json()
    assert answer["why_not"] is None
    assert answer["passages"][0]["steps"][0]["why"] == "matched (have country DE: DE)"
    assert answer["passages"][0]["then"][0] == {"way": "Happened", "step": "End · Done"}
    assert api.get(f"/api/journeys/{journey.pk}/explain/?profile=999999").status_code == 404
    assert Client().get(f"/api/journeys/{journey.pk}/explain/?profile={person.pk}").status_code == 401


def test_people_past_their_time_are_on_metrics(now: datetime, client: Client) -> None:
    journey, person = drawn(), builders.profile(country="DE")
    does(person, "Signed Up", plan="trial")
    line = f'omnichannel_overdue_people{{journey="{journey.pk}"}}'
    assert f"{line} 0.0" in client.get("/metrics").content.decode()
    clock.freeze(NOW + timedelta(days=3))
    assert f"{line} 1.0" in client.get("/metrics").content.decode()
