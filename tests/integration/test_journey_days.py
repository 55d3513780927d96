"""Calendar days in journeys are those of the workspace, as in segments: the same filter means the same everywhere."""

from datetime import datetime, timedelta

import pytest

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Journey
from omnichannel.accounts.models import Workspace
from profiles.models import Profile
from profiles.segments import ast, compiler
from tests import builders
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

# The first of March in Vienna begins at eleven in the evening of the 28th of February in London.
FIRST = [{"field": "day", "op": "on", "value": "2026-03-01"}]
BEFORE, WITHIN, AFTER = "2026-02-28T22:30:00Z", "2026-02-28T23:30:00Z", "2026-03-01T23:30:00Z"


@pytest.fixture
def vienna() -> None:
    Workspace.objects.update_or_create(pk=1, defaults={"timezone": "Europe/Vienna"})


def happens(name: str, now: datetime = NOW) -> None:
    """One event for each of three people, with a day that is before, on, and after the first of March in Vienna."""
    days = {"before": BEFORE, "within": WITHIN, "after": AFTER}
    builders.calls(*(builders.tracked(name, who, day=day) for who, day in days.items()), now=now)
    while inbox.take(1000, now) + runner.advance(now):
        pass


def who(profiles: list[int]) -> set[str]:
    rows = Profile.objects.filter(pk__in=profiles, identities__kind="user_id").values_list(
        "identities__value", flat=True
    )
    return set(rows)


def entered(journey: Journey, **more: object) -> set[str]:
    found = Enrollment.objects.filter(journey_id=journey.pk, **more)
    return who(list(found.values_list("profile_id", flat=True)))


def test_the_filter_of_an_entry_means_what_the_same_condition_means(vienna: None) -> None:
    drawn = builders.journey(
        'start: entry_event(event="Booked", where=w) -> rest\nrest: delay(amount=1, unit="days") -> end\nend: exit()',
        w=FIRST,
    )
    happens("Booked")
    asked = ast.parse({"type": "event", "event": "Booked", "where": FIRST})
    assert entered(drawn) == who(compiler.ids(asked, NOW)) == {"within"}


def test_so_does_the_filter_of_a_goal_and_of_a_wait(vienna: None) -> None:
    drawn = builders.journey(
        """
        start: entry_event(event="Asked") -> wait
        wait: wait_event(event="Booked", where=w, amount=3, unit="days") happened -> end, timed_out -> rest
        rest: delay(amount=9, unit="days") -> end
        end: exit()
        """,
        w=FIRST,
        settings={"goal_event": "Booked", "goal_where": FIRST, "goal_window_hours": 72},
    )
    happens("Asked")
    later = NOW + timedelta(hours=1)
    happens("Booked", later)
    assert entered(drawn, converted_at__isnull=False) == {"within"}
    assert entered(drawn, state=Enrollment.State.COMPLETED) == {"within"}
