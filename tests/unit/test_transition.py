"""What each decision does to an enrollment; no database."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from journeys.contracts.outcomes import Advance, Effect, Exit, Fail, Outcome, Send, UpdateAttributes, Wait
from journeys.engine.transition import (
    ACTIVE,
    COMPLETED,
    EXITED,
    FAILED,
    LATE,
    MOST_STEPS,
    NOTHING,
    Results,
    Walk,
    apply,
    settle,
)
from tests.conftest import NOW

LINES = {(1, "next"): 2, (1, "no"): 3}
BEFORE = NOW - timedelta(minutes=10)


def walk(**more: object) -> Walk:
    fresh = Walk(7, 70, 1, 4, BEFORE, BEFORE, None, NOW, due_at=NOW)
    return replace(fresh, **more)  # type: ignore[arg-type]


def after(outcome: Outcome, one: Walk | None = None) -> tuple[Walk, Results]:
    one, results = one or walk(), Results()
    apply(one, outcome, LINES, NOW, results, NOTHING)
    return one, results


@pytest.mark.parametrize("outcome", [Advance("no"), Send(5, "email", port="no"), Effect(UpdateAttributes({}), "no")])
def test_leaving_moves_along_the_line(outcome: Outcome) -> None:
    moved, results = after(outcome)
    assert (moved.node_id, moved.visit, moved.node_entered_at, moved.state) == (3, 5, NOW, ACTIVE)
    assert not moved.resting
    (step,) = results.steps
    assert (step.node_id, step.visit, step.entered_at, step.left_at, step.port) == (1, 4, BEFORE, NOW, "no")


def test_a_port_without_a_line_ends_the_journey() -> None:
    moved, results = after(Advance("elsewhere"))
    assert (moved.state, moved.node_id, moved.ended_at, moved.due_at) == (COMPLETED, 1, NOW, None)
    assert moved.resting
    assert [step.port for step in results.steps] == ["elsewhere"]


def test_waiting_rests_and_leaves_no_step() -> None:
    until = NOW + timedelta(days=1)
    moved, results = after(Wait(until, (("event", "Bought"),)))
    assert (moved.node_id, moved.visit, moved.due_at, moved.state, moved.resting) == (1, 4, until, ACTIVE, True)
    assert results == Results()


def test_waiting_for_ever_has_no_due_time() -> None:
    moved, _ = after(Wait(None, (("event", "Bought"),)))
    assert (moved.due_at, moved.state, moved.resting) == (None, ACTIVE, True)


@pytest.mark.parametrize("until", [NOW, BEFORE])
def test_waiting_for_the_past_fails_instead_of_spinning(until: datetime) -> None:
    moved, _ = after(Wait(until))
    assert (moved.state, moved.reason) == (FAILED, "This step waits for a time that has passed.")


def test_sending_queues_one_message_of_this_visit() -> None:
    send = Send(5, "email", topic_id=9)
    moved, results = after(send)
    (queued,) = results.messages
    assert (queued.walk, queued.node_id, queued.visit, queued.send) == (moved, 1, 4, send)
    assert moved.node_id == 2


def test_effects_of_one_person_add_up_and_the_last_wins() -> None:
    one, results = walk(), Results()
    apply(one, Effect(UpdateAttributes({"a": 1, "b": 1})), LINES, NOW, results, NOTHING)
    apply(one, Effect(UpdateAttributes({"b": None})), {(2, "next"): 1}, NOW, results, NOTHING)
    assert results.updates == {70: {"a": 1, "b": None}}


@pytest.mark.parametrize(
    ("outcome", "state", "recorded"),
    [
        (Exit("bought"), COMPLETED, "exit"),
        (Exit("left", completed=False), EXITED, "exit"),
        (Fail("broken"), FAILED, "fail"),
    ],
)
def test_ends(outcome: Exit | Fail, state: int, recorded: str) -> None:
    moved, results = after(outcome)
    assert (moved.state, moved.reason, moved.ended_at, moved.due_at, moved.resting) == (
        state,
        outcome.reason,
        NOW,
        None,
        True,
    )
    assert [(step.outcome, step.port) for step in results.steps] == [(recorded, "")]


def test_going_round_without_waiting_is_stopped() -> None:
    one, results = walk(), Results()
    for _ in range(MOST_STEPS):
        apply(one, Advance(), {(1, "next"): 1}, NOW, results, NOTHING)
    assert one.state == FAILED
    assert one.reason.startswith(f"Went through {MOST_STEPS} steps without waiting")
    assert len(results.steps) == MOST_STEPS + 1


@pytest.mark.parametrize(
    ("happened", "counts"),
    [
        (NOW, NOW),
        (NOW - timedelta(minutes=5), NOW - timedelta(minutes=5)),
        (NOW - timedelta(days=3), NOW - LATE),
        (NOW + timedelta(minutes=1), NOW),
    ],
)
def test_an_event_counts_from_when_it_happened(happened: datetime, counts: datetime) -> None:
    assert settle(happened, NOW) == counts


def test_the_next_step_begins_when_the_event_happened() -> None:
    at = NOW - timedelta(minutes=5)
    moved, results = after(Advance("next", at=at))
    assert moved.node_entered_at == results.steps[0].left_at == at


def test_but_never_before_this_one_began() -> None:
    moved, _ = after(Advance("next", at=NOW - timedelta(minutes=50)))
    assert moved.node_entered_at == BEFORE
