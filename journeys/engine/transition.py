"""What a node's decision does to an enrollment. Plain Python; the only place that looks inside an outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from journeys.contracts.outcomes import (
    AddToList,
    Advance,
    Ask,
    Effect,
    EmitEvent,
    Exit,
    Fail,
    Outcome,
    ReachGoal,
    RemoveFromList,
    Send,
    StartJourney,
    UpdateAttributes,
    Wait,
)
from journeys.contracts.step import Need

ACTIVE, COMPLETED, EXITED, FAILED = 1, 2, 3, 4
REACHED: Final = "Reached the goal"
MOST_STEPS: Final = 100
# An event counts from when it happened, also for the steps behind it; but one that reaches us later than this
# (an offline phone, an import) counts as if it were so long ago, or waits of days behind it would be over at once.
LATE: Final = timedelta(hours=1)


@dataclass(slots=True)
class Walk:
    """One enrollment while it moves. `moment` is when it arrives at the next node: now, or when the event happened."""

    enrollment_id: int
    profile_id: int
    node_id: int
    visit: int
    entered_at: datetime
    node_entered_at: datetime
    trigger_event_id: int | None
    moment: datetime
    state: int = ACTIVE
    due_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    resting: bool = False
    passed: int = 0
    chain: int = 0


@dataclass(frozen=True, slots=True)
class Passed:
    """A node that was left, or at which the journey ended."""

    walk: Walk
    node_id: int
    visit: int
    entered_at: datetime
    left_at: datetime
    port: str
    outcome: str
    facts: Mapping[Need, Any]


@dataclass(frozen=True, slots=True)
class Queued:
    """A message to be made."""

    walk: Walk
    node_id: int
    visit: int
    send: Send


@dataclass(frozen=True, slots=True)
class Act:
    """Something to be done for one person, and when they came to it."""

    walk: Walk
    visit: int
    at: datetime
    effect: AddToList | RemoveFromList | EmitEvent | StartJourney | ReachGoal


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the world outside."""

    walk: Walk
    node_id: int
    visit: int
    ask: Ask


@dataclass(slots=True)
class Results:
    """What a batch of walks leaves behind."""

    steps: list[Passed] = field(default_factory=list)
    messages: list[Queued] = field(default_factory=list)
    updates: dict[int, dict[str, Any]] = field(default_factory=dict)  # profile id → attributes
    acts: list[Act] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    reached: set[int] = field(default_factory=set)  # enrollments that reached the goal


Lines = Mapping[tuple[int, str], int]
NOTHING: Final[Mapping[Need, Any]] = {}


def settle(happened: datetime, now: datetime) -> datetime:
    """When something that happened counts: then, but never later than now and never longer ago than `LATE`."""
    return max(min(happened, now), now - LATE)


def _decided_at(walk: Walk, outcome: Advance, now: datetime) -> datetime:
    """By an event of the past: then. By time: no sooner than it came, so that waits never fall together."""
    moment = walk.moment if outcome.at is None else max(settle(outcome.at, now), walk.node_entered_at)
    return moment if outcome.after is None else max(moment, min(outcome.after, now))


def apply(walk: Walk, outcome: Outcome, lines: Lines, now: datetime, into: Results, facts: Mapping[Need, Any]) -> None:
    """Move the walk as the node decided; afterwards it stands at another node, rests, or has ended."""
    match outcome:
        case Advance(port):
            walk.moment = _decided_at(walk, outcome, now)
            _leave(walk, port, "advance", lines, now, into, facts)
        case Wait(until=until) | Ask(until=until):
            if until is not None and until <= now:
                _end(walk, FAILED, "This step waits for a time that has passed.", now, into, facts)
            else:
                walk.due_at, walk.resting = until, True
                if isinstance(outcome, Ask):
                    into.questions.append(Asked(walk, walk.node_id, walk.visit, outcome))
        case Send(port=port):
            into.messages.append(Queued(walk, walk.node_id, walk.visit, outcome))
            _leave(walk, port, "send", lines, now, into, facts)
        case Effect(effect, port):
            if isinstance(effect, UpdateAttributes):
                into.updates.setdefault(walk.profile_id, {}).update(effect.values)
            else:
                into.acts.append(Act(walk, walk.visit, walk.moment, effect))
            if isinstance(effect, ReachGoal) and effect.exits:
                _end(walk, EXITED, REACHED, now, into, facts)
            else:
                _leave(walk, port, "effect", lines, now, into, facts)
        case Exit(reason, completed):
            _end(walk, COMPLETED if completed else EXITED, reason, now, into, facts)
        case Fail(reason):
            _end(walk, FAILED, reason, now, into, facts)


def _leave(
    walk: Walk, port: str, outcome: str, lines: Lines, now: datetime, into: Results, facts: Mapping[Need, Any]
) -> None:
    """Along the line of the port; a port without a line ends the journey."""
    into.steps.append(Passed(walk, walk.node_id, walk.visit, walk.node_entered_at, walk.moment, port, outcome, facts))
    target = lines.get((walk.node_id, port))
    if target is None:
        walk.state, walk.due_at, walk.ended_at, walk.resting = COMPLETED, None, walk.moment, True
        return
    walk.node_id, walk.visit, walk.node_entered_at = target, walk.visit + 1, walk.moment
    walk.passed += 1
    if walk.passed >= MOST_STEPS:
        text = f"Went through {MOST_STEPS} steps without waiting; the drawing goes round in a circle."
        _end(walk, FAILED, text, now, into, NOTHING)


def _end(walk: Walk, state: int, reason: str, now: datetime, into: Results, facts: Mapping[Need, Any]) -> None:
    outcome = "fail" if state == FAILED else "exit"
    into.steps.append(Passed(walk, walk.node_id, walk.visit, walk.node_entered_at, walk.moment, "", outcome, facts))
    walk.state, walk.reason, walk.due_at, walk.ended_at, walk.resting = state, reason, None, walk.moment, True
