"""Who comes in, and how often; goals: the engine on a real database."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from journeys.engine import graph, inbox, routes
from journeys.models import Enrollment, Journey
from journeys.nodes.entry_event import EntryEventNode
from journeys.services import lifecycle
from profiles.models import Membership, Segment
from profiles.services import changes
from tests import builders
from tests.conftest import NOW
from tests.integration.engine_world import DAY, MINUTE, WAITING, does, sign_up, tally, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

REENTRY = 'start: entry_event(event="Signed Up") -> wait\nwait: delay(amount=1, unit="days") -> done\ndone: exit()'


@pytest.mark.parametrize(
    ("reentry", "while_inside", "after_the_end"), [("once", 1, 1), ("after_end", 1, 2), ("always", 2, 3)]
)
def test_reentry(reentry: str, while_inside: int, after_the_end: int) -> None:
    builders.journey(REENTRY, settings={"reentry": reentry})
    sign_up("u")
    work(NOW)
    does("u", "Signed Up", NOW + MINUTE)
    work(NOW + MINUTE)
    assert Enrollment.objects.count() == while_inside
    work(NOW + 2 * DAY)
    does("u", "Signed Up", NOW + 2 * DAY)
    work(NOW + 2 * DAY)
    assert Enrollment.objects.count() == after_the_end


def test_the_same_event_again_is_one_enrollment() -> None:
    """Twice in one batch, and once more by a retry."""
    builders.journey(REENTRY, settings={"reentry": "always"})
    call = builders.tracked("Signed Up", "u")
    builders.calls(call, call)
    builders.calls(call)
    work(NOW)
    assert Enrollment.objects.count() == 1


def test_where_filters_entry() -> None:
    builders.journey(
        'start: entry_event(event="Signed Up", where=[{"field": "plan", "op": "eq", "value": "trial"}]) -> done\n'
        "done: exit()"
    )
    does("a", "Signed Up", NOW, plan="trial")
    does("b", "Signed Up", NOW, plan="pro")
    work(NOW)
    assert Enrollment.objects.count() == 1


def test_joining_a_segment_brings_people_in() -> None:
    segment = Segment.objects.create(name="Some", state=Segment.State.LIVE, built_at=NOW)
    builders.journey("start: entry_segment(segment=seg) -> done\ndone: exit()", seg=segment)
    person = builders.profile()
    Membership.objects.create(segment=segment, profile=person, since=NOW)
    changes.record([changes.NewChange(person.pk, "entered", str(segment.pk))], NOW)
    work(NOW)
    assert list(Enrollment.objects.values_list("profile_id", "state")) == [(person.pk, Enrollment.State.COMPLETED)]


def test_goal_inside_the_window_converts_and_may_end_the_journey() -> None:
    builders.journey(
        REENTRY,
        settings={
            "goal_event": "Bought",
            "goal_where": [{"field": "total", "op": "gt", "value": 10}],
            "goal_window_hours": 2,
            "goal_exits": True,
        },
    )
    sign_up("yes", "cheap", "late")
    work(NOW)
    does("cheap", "Bought", NOW + MINUTE, total=5)
    does("yes", "Bought", NOW + MINUTE, total=50)
    does("late", "Bought", NOW + timedelta(hours=3), total=50)
    work(NOW + timedelta(hours=3))
    assert list(Enrollment.objects.order_by("id").values_list("state", "reason", "converted_at")) == [
        (Enrollment.State.EXITED, "Reached the goal", NOW + MINUTE),
        (Enrollment.State.ACTIVE, "", None),
        (Enrollment.State.ACTIVE, "", None),
    ]
    assert (tally()["start", "converted"], tally()["start", "exited"]) == (1, 1)


def test_a_conversion_after_the_end_counts_once() -> None:
    builders.journey('start: entry_event(event="Signed Up") -> done\ndone: exit()', settings={"goal_event": "Bought"})
    sign_up("u")
    work(NOW)
    does("u", "Bought", NOW + MINUTE)
    does("u", "Bought", NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    one = Enrollment.objects.get()
    assert (one.state, one.converted_at) == (Enrollment.State.COMPLETED, NOW + MINUTE)
    assert tally()["start", "converted"] == 1


def test_who_comes_too_late_for_a_paused_or_archived_journey_stays_out() -> None:
    """The worker has read that the journey is live, and it ends before the worker writes."""
    journey = builders.journey(WAITING)
    sign_up("ann")
    read = routes.current

    def then_it_ends() -> routes.Routes:
        found = read()
        lifecycle.archive(journey, None, NOW)
        return found

    with patch("journeys.engine.inbox.routes.current", then_it_ends):
        assert inbox.take(1000, NOW) == 1
    assert not Enrollment.objects.exists()


def test_a_trigger_that_cannot_be_understood_any_more_lets_nobody_in_and_harms_no_other_journey() -> None:
    broken = builders.journey(WAITING, name="Broken")
    builders.journey(WAITING, name="Sound")
    EntryEventNode.objects.filter(version=broken.live).update(where=[{"field": "a", "op": "no such", "value": 1}])
    graph.load.cache_clear()
    routes._routes.cache_clear()
    sign_up("ann")
    work(NOW)
    assert [one.journey_id for one in Enrollment.objects.all()] == [Journey.objects.get(name="Sound").pk]
