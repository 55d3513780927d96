"""What fails, fails alone; what was lost is found again."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from journeys.delivery import outbox
from journeys.engine import clocks, facts, graph, inbox, recovery
from journeys.models import Enrollment, Journey, Version
from journeys.nodes.entry_event import EntryEventNode
from journeys.nodes.entry_schedule import EntryScheduleNode
from journeys.queries.set_aside import gauge
from profiles.models import Change, Event, Membership, Segment
from profiles.segments import membership
from profiles.services.changes import declare
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


def test_a_change_that_cannot_be_handled_is_set_aside_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody else waits for it, and it is not lost."""
    builders.journey(WAITING)
    builders.calls(*(builders.tracked("Signed Up", f"u{n}", odd=n == 4) for n in range(9)))
    (odd,) = Event.objects.filter(properties__odd=True)
    admits = EntryEventNode.admits

    def spoilt(self: Any, properties: Any, now: Any) -> bool:
        if properties["odd"]:
            raise LookupError("odd")
        return admits(self, properties, now)

    with patch.object(EntryEventNode, "admits", spoilt):
        work(NOW)
        inbox.try_again()
        work(NOW)
    assert Enrollment.objects.count() == 8
    assert not Enrollment.objects.filter(profile_id=odd.profile_id).exists()
    assert "could not be handled" in caplog.text
    set_aside = Change.objects.filter(consumer__startswith="journeys")
    assert list(set_aside.values_list("consumer", "event_id")) == [(inbox.SET_ASIDE, odd.pk)]
    assert list(gauge()) == [("event", 1.0)]
    inbox.try_again()
    work(NOW)
    assert Enrollment.objects.count() == 9
    assert not set_aside.exists()


def test_a_batch_is_no_larger_than_asked_whatever_the_planner_does() -> None:
    """Who halves a batch that fails counts on it, and so does who sends at a limited rate."""
    for consumer in ("journeys", "segments"):
        declare(consumer, "test", [("event", "Signed Up")])
    sign_up(*(f"u{n}" for n in range(9)))
    for _ in range(9):
        builders.message(builders.profile(), builders.template(), channel="email")
    bound = {"sender": 1, "account": None, "channel": "email", "now": NOW, "limit": 3}
    with connection.cursor() as cursor:
        for way in ("hashjoin", "hashagg", "material", "sort", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(outbox.SQL["claim"], bound)
        assert len(cursor.fetchall()) == 3
    assert inbox.take(3, NOW) == 3
    assert membership.take(3, NOW) == 3
    assert Change.objects.count() == 6 + 6


def test_what_fails_for_everybody_in_one_journey_holds_up_no_other() -> None:
    """Nobody is failed for a fault of ours: who waits goes on once it is mended."""
    broken = builders.journey(WAITING, name="Broken")
    sound = builders.journey(WAITING, name="Sound")
    sign_up("a", "b", "c")
    inbox.take(1000, NOW)
    load = facts.load

    def spoilt(compiled: graph.Graph, *args: Any) -> Any:
        if compiled.journey_id == broken.pk:
            raise LookupError("ours")
        return load(compiled, *args)

    with patch("journeys.engine.runner.facts.load", spoilt):
        work(NOW)
    states = Enrollment.objects.order_by("journey_id", "id").values_list("journey_id", "state", "visit")
    assert list(states) == [(broken.pk, 1, 1)] * 3 + [(sound.pk, 1, 2)] * 3
    work(NOW)
    assert set(Enrollment.objects.values_list("state", "visit")) == {(1, 2)}


def test_what_nobody_thought_of_fails_one_person_alone() -> None:
    builders.journey(WAITING)
    people = sign_up(*(f"u{n}" for n in range(9)))
    load = facts.load

    def spoilt(compiled: graph.Graph, walks: Any, now: Any) -> Any:
        if any(walk.profile_id == people[4].pk for walk in walks):
            raise LookupError("odd")
        return load(compiled, walks, now)

    with patch("journeys.engine.runner.facts.load", spoilt):
        work(NOW)
    states = list(Enrollment.objects.order_by("profile_id").values_list("state", flat=True))
    assert states == [1, 1, 1, 1, 4, 1, 1, 1, 1]


def test_an_entry_that_the_clock_cannot_follow_holds_up_no_other() -> None:
    who = Segment.objects.create(name="Some", state=Segment.State.LIVE, built_at=NOW)
    Membership.objects.create(segment=who, profile=builders.profile(), since=NOW)
    daily = 'start: entry_schedule(segment=who, repeat="daily", at="{}") -> w\nw: delay(amount=9)'
    broken = builders.journey(daily.format("10:30"), name="Broken", who=who)
    sound = builders.journey(daily.format("11:00"), name="Sound", who=who)
    calls = EntryScheduleNode.calls

    def odd(self: Any, *args: Any) -> bool:
        if self.version_id == broken.live_id:
            raise LookupError("odd")
        return calls(self, *args)

    later = NOW + timedelta(hours=2)
    with patch.object(EntryScheduleNode, "calls", odd):
        while clocks.follow(later):
            pass
    assert list(Enrollment.objects.values_list("journey_id", flat=True)) == [sound.pk]
    while clocks.follow(later):
        pass
    assert set(Enrollment.objects.values_list("journey_id", flat=True)) == {broken.pk, sound.pk}
