"""Journeys that are paused, archived and published anew with people inside."""

import pytest

from journeys.engine import recovery
from journeys.models import Enrollment, Journey, Version
from journeys.services import drafts, lifecycle
from profiles.models import Interest
from tests import builders
from tests.conftest import NOW
from tests.integration.engine_world import DAY, MINUTE, WAITING, does, paths, sign_up, tally, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_a_paused_journey_takes_nobody_in_and_moves_nobody_and_forgets_nothing() -> None:
    journey = builders.journey(WAITING)
    sign_up("buyer", "sleeper")
    work(NOW)
    lifecycle.pause(journey, None, NOW)
    does("buyer", "Bought", NOW + MINUTE)
    sign_up("newcomer", at=NOW + MINUTE)
    work(NOW + 2 * DAY)
    assert paths() == [[("start", "next")], [("start", "next")]]
    lifecycle.resume(journey, None, NOW + 2 * DAY)
    work(NOW + 2 * DAY)
    assert [path[1] for path in paths()] == [("wait", "happened"), ("wait", "timed_out")]


def test_archiving_lets_everybody_leave() -> None:
    journey = builders.journey(WAITING)
    sign_up("u")
    work(NOW)
    lifecycle.archive(journey, None, NOW)
    one = Enrollment.objects.get()
    assert (one.state, one.reason, one.due_at) == (Enrollment.State.EXITED, "The journey was archived", None)
    assert not Interest.objects.filter(consumer="journeys").exists()
    assert tally()["start", "exited"] == 1


def test_people_stay_in_the_version_in_which_they_came() -> None:
    journey = builders.journey(WAITING)
    old = journey.live
    assert old is not None
    sign_up("early")
    work(NOW)
    drafts.start_draft(journey, None)
    journey.refresh_from_db()
    new = lifecycle.publish(journey, None, NOW + MINUTE)
    sign_up("later", at=NOW + MINUTE)
    work(NOW + MINUTE)
    does("early", "Bought", NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    assert list(Enrollment.objects.order_by("id").values_list("version_id", "state")) == [
        (old.pk, Enrollment.State.COMPLETED),
        (new.pk, Enrollment.State.ACTIVE),
    ]
    old.refresh_from_db()
    assert old.state == Version.State.RETIRED
    # Once nobody is inside and no conversion is left to wait for, the old version hears of nothing any more.
    assert recovery.retire(NOW + 6 * DAY) == 0
    assert recovery.retire(NOW + 8 * DAY) == 1
    assert not Interest.objects.filter(owner=f"version:{old.pk}").exists()


def test_publishing_refuses_what_the_linter_marks() -> None:
    draft = builders.journey("start: entry_event() -> done\ndone: exit()", publish=False)
    with pytest.raises(lifecycle.LifecycleError) as refused:
        lifecycle.publish(draft, None, NOW)
    assert [problem.text for problem in refused.value.problems] == ["Choose the event that brings people in."]
    draft.refresh_from_db()
    assert (draft.state, draft.live) == (Journey.State.DRAFT, None)
    assert not Interest.objects.filter(consumer="journeys").exists()
