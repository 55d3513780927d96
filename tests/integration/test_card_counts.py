"""Who leaves from outside is not counted as standing at the step any more."""

from datetime import datetime, timedelta

import pytest

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Journey
from journeys.queries import counts
from journeys.services import erasure, lifecycle
from profiles.models import Profile
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

AT = NOW + timedelta(minutes=5)
WAITING = 'come: entry_event(event="Signed Up") -> wait\nwait: delay(amount=2) -> done\ndone: exit()'


@pytest.fixture
def journey(now: datetime) -> Journey:
    """Ada and Bea wait; both a goal and a rule take people out."""
    rules = [{"on": "event", "event": "Cancelled", "where": []}]
    settings = {"goal_event": "Bought", "goal_exits": True, "exit_rules": rules}
    drawn = builders.journey(WAITING, settings=settings)
    for user in ("ada", "bea"):
        builders.calls(builders.identify(user), builders.tracked("Signed Up", user))
    work(NOW)
    assert numbers(drawn) == (2, 0)
    return drawn


def work(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass


def numbers(journey: Journey) -> tuple[int, int]:
    """Standing at the wait, and left early."""
    nodes = counts.per_card(journey.pk, AT)
    assert Enrollment.objects.filter(state=Enrollment.State.ACTIVE).count() == nodes["wait"]["inside"]
    return nodes["wait"]["inside"], nodes["come"]["exited"]


@pytest.mark.parametrize("event", ["Bought", "Cancelled"])
def test_by_the_goal_or_a_rule(journey: Journey, event: str) -> None:
    builders.calls(builders.tracked(event, "ada"), now=AT)
    work(AT)
    assert numbers(journey) == (1, 1)


def test_by_being_erased(journey: Journey) -> None:
    erasure.erase([Profile.objects.get(identities__value="ada").pk], AT)
    assert numbers(journey) == (1, 1)


def test_by_turning_out_to_be_somebody_else_who_is_inside(journey: Journey) -> None:
    builders.calls(builders.alias("ada", "bea"), now=AT)
    work(AT)
    assert numbers(journey)[0] == Enrollment.objects.filter(state=Enrollment.State.ACTIVE).count()


def test_with_the_journey(journey: Journey) -> None:
    lifecycle.archive(journey, None, AT)
    assert numbers(journey) == (0, 2)
