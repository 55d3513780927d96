"""People come in, move, wait, are woken, and end: the engine on a real database."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from journeys.engine import graph, inbox, merging, recovery, routes, runner
from journeys.models import Enrollment, Journey, Message, Node, StepRecord, Tally, Version
from journeys.nodes.entry_event import EntryEventNode
from journeys.services import drafts, lifecycle
from profiles.models import Change, Interest, Membership, Profile, Segment
from profiles.services import changes
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

OPENED_OR_NOT = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> read
    read: opened(send_key="mail", amount=1, unit="days") opened -> vip, not_opened -> again
    vip: update_profile(changes=[{"attribute": "stage", "value": "reader"}]) -> done
    again: send(template="Again") -> done
    done: exit(reason="Done")
"""
WAITING = """
    start: entry_event(event="Signed Up") -> wait
    wait: wait_event(event="Bought", amount=1, unit="days") happened -> thanks, timed_out -> done
    thanks: send(template="Thanks") -> done
    done: exit()
"""


@pytest.fixture(autouse=True)
def _standing_clock(now: datetime) -> Iterator[None]:
    return


def work(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass


def sign_up(*users: str, at: datetime = NOW) -> list[Profile]:
    builders.calls(*(builders.identify(user, email=f"{user}@shop.example") for user in users), now=at)
    builders.calls(*(builders.tracked("Signed Up", user) for user in users), now=at)
    return [Profile.objects.get(identities__kind="user_id", identities__value=user) for user in users]


def does(user: str, event: str, at: datetime, **properties: Any) -> None:
    builders.calls(builders.tracked(event, user, **properties), now=at)


def paths() -> list[list[tuple[str, str]]]:
    """For every enrollment, in order, the steps it took."""
    keys = dict(Node.objects.values_list("pk", "key"))
    return [
        [(keys[step.node_id], step.port) for step in StepRecord.objects.filter(enrollment_id=one).order_by("visit")]
        for one in Enrollment.objects.order_by("id").values_list("pk", flat=True)
    ]


def tally() -> dict[tuple[str, str], int]:
    keys = dict(Node.objects.values_list("pk", "key"))
    counted: dict[tuple[str, str], int] = {}
    for row in Tally.objects.all():
        counted[keys[row.node_id], row.metric] = counted.get((keys[row.node_id], row.metric), 0) + row.count
    return counted


def test_openers_go_one_way_and_the_others_another() -> None:
    builders.journey(OPENED_OR_NOT)
    reader, sleeper = sign_up("reader", "sleeper")
    work(NOW)
    assert list(Message.objects.values_list("profile_id", "state", "channel")) == [
        (reader.pk, "pending", "email"),
        (sleeper.pk, "pending", "email"),
    ]
    Message.objects.update(state="sent", sent_at=NOW)
    Message.objects.filter(profile_id=reader.pk).update(opened_at=NOW + MINUTE)
    builders.known([(reader.pk, "Message Opened", "message")], NOW + MINUTE)
    work(NOW + 2 * MINUTE)
    reader.refresh_from_db()
    assert reader.attributes == {"email": "reader@shop.example", "stage": "reader"}
    work(NOW + DAY)
    assert paths() == [
        [("start", "next"), ("mail", "next"), ("read", "opened"), ("vip", "next"), ("done", "")],
        [("start", "next"), ("mail", "next"), ("read", "not_opened"), ("again", "next"), ("done", "")],
    ]
    assert list(Enrollment.objects.values_list("state", "reason")) == [(Enrollment.State.COMPLETED, "Done")] * 2
    assert tally() == {
        ("start", "started"): 2,
        ("start", "entered"): 2,
        ("start", "left"): 2,
        ("start", "port:next"): 2,
        ("start", "completed"): 2,
        ("mail", "entered"): 2,
        ("mail", "left"): 2,
        ("mail", "port:next"): 2,
        ("mail", "queued"): 2,
        ("read", "entered"): 2,
        ("read", "left"): 2,
        ("read", "port:opened"): 1,
        ("read", "port:not_opened"): 1,
        ("vip", "entered"): 1,
        ("vip", "left"): 1,
        ("vip", "port:next"): 1,
        ("again", "entered"): 1,
        ("again", "left"): 1,
        ("again", "port:next"): 1,
        ("again", "queued"): 1,
        ("done", "entered"): 2,
        ("done", "left"): 2,
    }


def test_a_step_keeps_the_facts_that_decided() -> None:
    builders.journey(OPENED_OR_NOT)
    (reader,) = sign_up("reader")
    work(NOW)
    Message.objects.update(state="sent", sent_at=NOW, opened_at=NOW + MINUTE)
    builders.known([(reader.pk, "Message Opened", "message")], NOW + MINUTE)
    work(NOW + MINUTE)
    step = StepRecord.objects.get(port="opened")
    opened = {"state": "sent", "opened_at": "2026-03-02T10:01:00+00:00", "clicked_at": None}
    assert step.facts == {"engaged": {"mail": opened}}


def test_an_event_wakes_and_the_timer_does_nothing_more() -> None:
    builders.journey(WAITING)
    sign_up("buyer")
    work(NOW)
    does("buyer", "Bought", NOW + MINUTE)
    work(NOW + MINUTE)
    work(NOW + 2 * DAY)
    assert paths() == [[("start", "next"), ("wait", "happened"), ("thanks", "next"), ("done", "")]]


def test_an_event_right_behind_the_trigger_is_not_missed() -> None:
    """Both are known before the engine has moved anybody: what came after the trigger counts."""
    builders.journey(WAITING)
    builders.calls(
        {**builders.tracked("Signed Up", "u"), "timestamp": (NOW - MINUTE).isoformat()},
        {**builders.tracked("Bought", "u"), "timestamp": (NOW - MINUTE / 2).isoformat()},
    )
    work(NOW)
    assert paths() == [[("start", "next"), ("wait", "happened"), ("thanks", "next"), ("done", "")]]


def test_an_event_before_the_wait_does_not_count() -> None:
    builders.journey(WAITING)
    does("u", "Bought", NOW - DAY)
    sign_up("u")
    work(NOW)
    assert paths() == [[("start", "next")]]


def test_an_event_known_before_a_late_timer_decides() -> None:
    """The timer was due, nobody worked, the event came in time and was stored: it counts."""
    builders.journey(WAITING)
    sign_up("in_time", "too_late")
    work(NOW)
    does("in_time", "Bought", NOW + DAY - MINUTE)
    does("too_late", "Bought", NOW + DAY + MINUTE)
    runner.advance(NOW + 2 * DAY)  # the timer first, the inbox has not been read
    work(NOW + 2 * DAY)
    assert [path[1] for path in paths()] == [("wait", "happened"), ("wait", "timed_out")]


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


def test_statements_do_not_grow_with_people() -> None:
    builders.journey(OPENED_OR_NOT)

    def statements(first: int, last: int) -> tuple[int, int]:
        sign_up(*(f"u{n}" for n in range(first, last)))
        with CaptureQueriesContext(connection) as taking:
            assert inbox.take(5000, NOW) == last - first
        with CaptureQueriesContext(connection) as moving:
            assert runner.advance(NOW, 5000) == last - first
        return len(taking), len(moving)

    statements(0, 1)  # the graph is compiled once
    few = statements(1, 11)
    many = statements(11, 1011)
    assert few == many
    assert few < (12, 16)


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


def test_nothing_is_recorded_that_nobody_wants_to_hear() -> None:
    builders.journey(WAITING)
    does("u", "Viewed", NOW)
    assert not Change.objects.filter(consumer="journeys").exists()
