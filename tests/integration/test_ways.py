"""Waits and branches of many ways, in the product: who is woken, and how their inspectors keep rows."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from journeys.engine import inbox, runner
from journeys.models import Edge, Enrollment, Journey, Node, StepRecord
from journeys.validation import check
from profiles import ingest
from profiles.models import Profile
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
Signed = Callable[[str], Client]

DE = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
US = {"type": "attribute", "field": "country", "op": "eq", "value": "US"}
RENEWAL = """
    start: entry_event(event="Signed Up") -> renewal
    renewal: wait_until(attribute="renews", offset=7, at="09:00") reached -> remind, missing -> done
    remind: send(template="Renewal")
    done: exit()
"""
WAYS = """
    start: entry_event(event="Signed Up") -> parted
    parted: many_ways(ways=ways) way_1 -> here, way_2 -> there, else -> elsewhere
    here: exit(reason="Germany")
    there: exit(reason="States")
    elsewhere: exit(reason="Elsewhere")
"""


def settle(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now):
        pass


def sign_up(**attributes: Any) -> Profile:
    builders.calls(builders.identify("ann", **attributes), builders.tracked("Signed Up", "ann"), now=NOW)
    settle(NOW)
    return Profile.objects.get()


def becomes(person: Profile, **values: Any) -> None:
    with transaction.atomic():
        ingest.update_attributes({person.pk: values}, NOW, source="test")
    settle(NOW)


def test_a_new_date_retimes_who_waits_and_none_lets_them_go() -> None:
    builders.journey(RENEWAL)
    ann = sign_up(renews="2026-04-06", timezone="Europe/Berlin")
    assert Enrollment.objects.get().due_at == datetime(2026, 3, 30, 7, tzinfo=UTC)
    becomes(ann, renews="2026-03-20")
    assert Enrollment.objects.get().due_at == datetime(2026, 3, 13, 8, tzinfo=UTC)
    becomes(ann, renews=None)
    enrollment = Enrollment.objects.get()
    assert (enrollment.state, enrollment.due_at) == (Enrollment.State.COMPLETED, None)
    assert list(StepRecord.objects.order_by("visit").values_list("port", flat=True)) == ["next", "missing", ""]


def parted() -> Journey:
    ways = [
        {"port": "way_1", "name": "Germany", "condition": DE},
        {"port": "way_2", "name": "States", "condition": US},
    ]
    return builders.journey(WAYS, ways=ways)


@pytest.mark.parametrize(("country", "reason"), [("DE", "Germany"), ("US", "States"), ("FR", "Elsewhere")])
def test_everybody_takes_one_of_many_ways(country: str, reason: str) -> None:
    parted()
    sign_up(country=country)
    assert Enrollment.objects.get().reason == reason


def test_ways_that_change_places_keep_their_lines(client_as: Signed) -> None:
    journey = parted()
    assert journey.live is not None
    answers = {
        "revision": str(journey.live.revision),
        "ways-0-port": "way_1",
        "ways-0-name": "Germany",
        "ways-0-condition": '{"type": "everybody"}',
        "ways-1-port": "way_2",
        "ways-1-name": "USA",
        "ways-1-up": "1",
        "ways-2-port": "",
        "ways-2-name": "",
        "ways-2-condition": "",
    }
    url = f"/journeys/{journey.pk}/nodes/parted/"
    response = client_as("marketer").post(url, answers)
    assert response.status_code == 200
    assert "ways-0-name" in response.content.decode()  # the form is drawn anew
    journey.refresh_from_db()
    saved = Node.objects.get(version=journey.draft, key="parted")
    assert saved.get_ports() == (("way_2", "USA"), ("way_1", "Germany"), ("else", "Everyone else"))
    lines = Edge.objects.filter(source=saved).values_list("port", "target__key")
    assert dict(lines) == {"way_1": "here", "way_2": "there", "else": "elsewhere"}

    assert journey.draft is not None
    gone = answers | {"revision": str(journey.draft.revision), "ways-0-remove": "1"}
    assert client_as("marketer").post(url, gone).status_code == 200
    saved = Node.objects.get(version=journey.draft, key="parted")
    assert dict(Edge.objects.filter(source=saved).values_list("port", "target__key")) == {
        "way_2": "there",
        "else": "elsewhere",
    }


@pytest.mark.parametrize(
    ("wait", "goes_round"),
    [
        ("wait_window()", True),
        ('wait_until(attribute="renews")', True),
        ('wait_until(attribute="renews", yearly=True)', False),
        ('wait_business_day(country="DE")', True),
        ('wait_business_day(country="DE", after=1)', False),
        ("wait_any(reply=True)", False),
    ],
)
def test_a_circle_needs_a_step_at_which_everybody_stays(wait: str, goes_round: bool) -> None:
    port = {"wait_u": "reached ", "wait_a": "replied "}.get(wait[:6], "")
    drawn = f"""
        start: entry_event(event="Signed Up") -> mail
        mail: send(template="Again") -> wait
        wait: {wait} {port}-> mail
    """
    journey = builders.journey(drawn, publish=False)
    assert journey.draft is not None
    said = {problem.text for problem in check(journey.draft) if problem.level == "error"}
    assert said == (
        {"This goes round in a circle without waiting. Put a wait into the circle."} if goes_round else set()
    )


def test_a_menu_says_that_there_is_something_to_choose(client_as: Signed) -> None:
    journey = builders.journey(RENEWAL, publish=False)
    page = client_as("marketer").get(f"/journeys/{journey.pk}/nodes/remind/").content.decode()
    assert '<option value="">Choose …</option>' in page
    assert "The same as the journey" in page
    assert "---------" not in page
