"""Two who turn out to be one person while they are in journeys."""

import pytest

from journeys.engine import merging, runner
from journeys.models import Enrollment, Message, StepRecord
from profiles.models import Change, Profile
from tests import builders
from tests.conftest import NOW
from tests.integration.engine_world import DAY, MINUTE, WAITING, does, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_merged_people_keep_the_older_enrollment() -> None:
    builders.journey(WAITING)
    does("known", "Signed Up", NOW)
    work(NOW)
    builders.calls(builders.tracked("Signed Up", anonymous_id="visitor"), now=NOW + MINUTE)
    work(NOW + MINUTE)
    assert Enrollment.objects.filter(state=Enrollment.State.ACTIVE).count() == 2
    builders.calls({**builders.identify("known", "visitor"), "traits": {}}, now=NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    survivor = Profile.objects.get(merged_into=None)
    older, newer = Enrollment.objects.order_by("id")
    assert (older.state, older.profile_id) == (Enrollment.State.ACTIVE, survivor.pk)
    assert (newer.state, newer.profile_id) == (Enrollment.State.EXITED, survivor.pk)
    assert newer.reason == merging.MERGED
    does("known", "Bought", NOW + 3 * MINUTE)
    work(NOW + 3 * MINUTE)
    assert list(Message.objects.values_list("enrollment_id", "profile_id")) == [(older.pk, survivor.pk)]


def test_a_merged_visitor_takes_their_enrollment_along() -> None:
    builders.journey(WAITING)
    does("known", "Viewed", NOW)
    builders.calls(builders.tracked("Signed Up", anonymous_id="visitor"))
    work(NOW)
    builders.calls({**builders.identify("known", "visitor"), "traits": {}}, now=NOW + MINUTE)
    # The timer is due before the inbox has heard of the merge: nobody runs under the old name.
    assert runner.advance(NOW + 2 * DAY) == 0
    does("known", "Bought", NOW + 2 * MINUTE)
    work(NOW + 2 * DAY)
    survivor = Profile.objects.get(merged_into=None)
    assert list(Message.objects.values_list("profile_id", flat=True)) == [survivor.pk]
    assert set(StepRecord.objects.values_list("profile_id", flat=True)) == {survivor.pk}


def test_a_change_that_was_taken_while_its_person_was_merged_reaches_who_remained() -> None:
    """The merge leaves rows that are just being taken alone; a taker that dies puts them back under the old number."""
    journey = builders.journey(WAITING)
    visitor, known = builders.profile(), builders.profile(email="ann@shop.example")
    Profile.objects.filter(pk=visitor.pk).update(merged_into=known)
    Change.objects.create(consumer="journeys", profile_id=visitor.pk, kind="event", key="Signed Up", at=NOW)
    work(NOW)
    (enrollment,) = Enrollment.objects.filter(journey_id=journey.pk)
    assert (enrollment.profile_id, enrollment.due_at) == (known.pk, NOW + DAY)


def test_who_waits_for_what_their_other_half_did_goes_on_at_once() -> None:
    """The event counts from when it happened."""
    builders.journey(WAITING)
    does("known", "Signed Up", NOW)
    work(NOW)
    builders.calls(builders.tracked("Bought", anonymous_id="visitor"), now=NOW + MINUTE)
    work(NOW + MINUTE)
    assert Message.objects.count() == 0
    builders.calls({**builders.identify("known", "visitor"), "traits": {}}, now=NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    (step,) = StepRecord.objects.filter(port="happened")
    assert step.left_at == NOW + MINUTE
    assert list(Message.objects.values_list("profile_id", flat=True)) == [Profile.objects.get(merged_into=None).pk]
