"""What fails, fails alone; what was lost is found again."""

from typing import Any
from unittest.mock import patch

import pytest

from journeys.engine import graph, inbox, recovery
from journeys.models import Enrollment, Journey, Version
from tests import builders
from tests.conftest import NOW
from tests.integration.engine_world import DAY, MINUTE, WAITING, sign_up, tally, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_a_node_that_raises_fails_one_person_alone() -> None:
    journey = builders.journey(WAITING)
    fine, poisoned = sign_up("fine", "poisoned")
    compiled = graph.load(journey.live_id or 0)
    wait = type(compiled.nodes[compiled.ids["wait"]])
    decide = wait.run

    def run(self: Any, step: Any) -> Any:
        if step.profile_id == poisoned.pk:
            raise RuntimeError("spoilt")
        return decide(self, step)

    with patch.object(wait, "run", run):
        work(NOW)
    assert list(Enrollment.objects.order_by("id").values_list("profile_id", "state", "reason")) == [
        (fine.pk, Enrollment.State.ACTIVE, ""),
        (poisoned.pk, Enrollment.State.FAILED, "The step “Wait for an event” could not decide: RuntimeError('spoilt')"),
    ]


def test_a_row_that_cannot_be_stored_fails_alone() -> None:
    """The statement fails for the whole batch; halving finds the one it fails for."""
    builders.journey(
        """
        start: entry_event(event="Signed Up") -> split
        split: audience(condition={"type": "attribute", "field": "bad", "op": "is_set"}) yes -> spoil, no -> done
        spoil: update_profile(changes=[{"attribute": "x", "value": "\\\\u0000"}]) -> done
        done: exit()
        """
    )
    people = sign_up(*(f"u{n}" for n in range(9)))
    people[4].attributes["bad"] = True
    people[4].save()
    from journeys.contracts.outcomes import Exit

    compiled = graph.load(Version.objects.get().pk)
    node = compiled.nodes[compiled.ids["spoil"]]
    with patch.object(type(node), "run", lambda self, step: Exit("cannot be stored: \x00")):
        work(NOW)
    states = list(Enrollment.objects.order_by("profile_id").values_list("state", flat=True))
    assert states == [2, 2, 2, 2, 4, 2, 2, 2, 2]
    failed = Enrollment.objects.get(state=4)
    assert failed.reason.startswith("This could not be stored:")
    assert (tally()["start", "failed"], tally()["start", "completed"]) == (1, 8)


def test_the_sweep_finds_what_lost_wake_ups_left(valkey: Any) -> None:
    builders.journey(WAITING)
    sign_up("u")
    valkey.flushdb()
    recovery.sweep(NOW)
    assert valkey.llen("inbox") == 1
    inbox.take(10, NOW)
    valkey.flushdb()
    recovery.sweep(NOW)
    assert (valkey.llen("inbox"), valkey.llen("advance"), valkey.llen("send")) == (0, 1, 0)
    work(NOW)
    valkey.flushdb()
    recovery.sweep(NOW)
    assert (valkey.llen("inbox"), valkey.llen("advance")) == (0, 0)
    assert recovery.overdue(NOW + 2 * DAY, MINUTE) == {Journey.objects.get().pk: 1}


def test_a_message_that_nobody_can_recover_stops_no_other_work(valkey: Any) -> None:
    builders.journey(WAITING)
    sign_up("ann")
    valkey.flushdb()
    left = builders.message(builders.profile(), builders.template(), state="sending", claimed_by=7, channel="pigeon")
    recovery.sweep(NOW)
    assert valkey.llen("inbox") == 1
    left.refresh_from_db()
    assert left.state == "sending"
