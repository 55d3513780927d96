"""What each decision does to where somebody stands, written from docs/time.md and ADR 10 alone.

The engine's own meaning, `journeys.engine.transition`, is compared with it, so that nothing of that is used here but
the words in which it is told.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from journeys.contracts.outcomes import (
    Advance,
    Ask,
    Effect,
    Exit,
    Fail,
    Outcome,
    ReachGoal,
    Send,
    UpdateAttributes,
    Wait,
)
from journeys.contracts.step import Need
from journeys.engine.lives import Passage
from journeys.engine.reference import Customer
from journeys.engine.transition import Act, Asked, Passed, Queued, Results, Walk

INSIDE, THROUGH, OUT, BROKEN = 1, 2, 3, 4  # active, completed, exited, failed
HOUR = timedelta(hours=1)
CIRCLE = 100  # steps without a rest
WENT_ROUND = "Went through 100 steps without waiting; the drawing goes round in a circle."


def heard(at: datetime, now: datetime) -> datetime:
    """What happened counts from when it happened, yet as if it were never more than an hour ago."""
    return min(max(at, now - HOUR), now)


class Plain(Customer):
    """A customer who is moved by the rules of this file. `taken`: the steps of each passage, `asked`: its questions."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.taken: dict[int, list[Passed]] = defaultdict(list)
        self.asked: dict[int, dict[int, tuple[str, datetime]]] = defaultdict(dict)

    def entered(self, at: datetime, now: datetime) -> datetime:
        """They have been inside since what brought them in."""
        return heard(at, now)

    def move(self, walk: Walk, outcome: Outcome, now: datetime, done: Results, facts: Mapping[Need, Any]) -> None:
        """One decision at one step."""
        match outcome:
            case Wait(until=until) | Ask(until=until):
                assert until is None or until > now, "nobody is looked at again before now"
                if isinstance(outcome, Ask):
                    done.questions.append(Asked(walk, walk.node_id, walk.visit, outcome))
                walk.due_at, walk.resting = until, True
            case Advance(port=port, at=at, after=after):
                moment = decided(walk, now) if at is None else heard(max(at, walk.node_entered_at), now)
                moment = max(moment, after or moment)
                self._go(walk, outcome, port, moment, done, facts)
            case Send(port=port):
                done.messages.append(Queued(walk, walk.node_id, walk.visit, outcome))
                self._go(walk, outcome, port, decided(walk, now), done, facts)
            case Effect():
                self._do(walk, outcome, now, done, facts)
            case Exit(reason=reason, completed=completed):
                stop(walk, THROUGH if completed else OUT, reason, decided(walk, now), done, facts)
            case Fail(reason=reason):
                stop(walk, BROKEN, reason, decided(walk, now), done, facts)

    def _do(self, walk: Walk, outcome: Effect, now: datetime, done: Results, facts: Mapping[Need, Any]) -> None:
        moment = decided(walk, now)
        if isinstance(outcome.effect, UpdateAttributes):
            done.updates.setdefault(walk.profile_id, {}).update(outcome.effect.values)
        else:
            done.acts.append(Act(walk, walk.visit, moment, outcome.effect))
        if isinstance(outcome.effect, ReachGoal) and outcome.effect.exits:
            stop(walk, OUT, "Reached the goal", moment, done, facts)
        else:
            self._go(walk, outcome, outcome.port, moment, done, facts)

    def _go(
        self, walk: Walk, outcome: Outcome, port: str, moment: datetime, done: Results, facts: Mapping[Need, Any]
    ) -> None:
        """Out by this port, to where its line leads; without a line they are through."""
        word = type(outcome).__name__.lower()
        done.steps.append(Passed(walk, walk.node_id, walk.visit, walk.node_entered_at, moment, port, word, facts))
        if (walk.node_id, port) not in self.graph.lines:
            end(walk, THROUGH, "", moment)
            return
        walk.node_id = self.graph.lines[walk.node_id, port]
        walk.node_entered_at = moment
        walk.visit += 1
        walk.passed += 1
        if walk.passed >= CIRCLE:
            stop(walk, BROKEN, WENT_ROUND, moment, done, {})

    def _note(self, passage: Passage, done: Results, now: datetime) -> None:
        super()._note(passage, done, now)
        number = passage.walk.enrollment_id
        self.taken[number] += done.steps
        for one in done.questions:
            self.asked[number].setdefault(one.visit, (self.graph.nodes[one.node_id].key, now))


def decided(walk: Walk, now: datetime) -> datetime:
    """Whoever only comes through leaves when they came, though it was in the past; whoever has rested leaves now."""
    return walk.node_entered_at if walk.passed else now


def stop(walk: Walk, state: int, reason: str, moment: datetime, done: Results, facts: Mapping[Need, Any]) -> None:
    """The journey ends at this step, by no way out."""
    word = "fail" if state == BROKEN else "exit"
    done.steps.append(Passed(walk, walk.node_id, walk.visit, walk.node_entered_at, moment, "", word, facts))
    end(walk, state, reason, moment)


def end(walk: Walk, state: int, reason: str, moment: datetime) -> None:
    """There is nothing more to come for them."""
    walk.state, walk.reason, walk.due_at, walk.ended_at, walk.resting = state, reason, None, moment, True
