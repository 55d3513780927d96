"""What the reference interpreter knows of questions to the world outside, of places and gates: plain, one at a time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from journeys.contracts.step import AnswerFact, Turn
from journeys.engine.transition import Walk

Visit = tuple[int, int, int]  # profile, enrollment, visit


@dataclass(slots=True)
class Question:
    """One question and, once there is one, its answer."""

    node_key: str
    visit: int
    answer: AnswerFact | None = None


@dataclass(slots=True)
class _Gate:
    turns: dict[Visit, datetime] = field(default_factory=dict)
    passed: dict[Visit, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class Places:
    """How many have come into a journey that takes only so many. Share one among those who may."""

    taken: int = 0

    def take(self, total: int | None) -> bool:
        """One more comes, if there is a place."""
        if total is not None and self.taken >= total:
            return False
        self.taken += 1
        return True


class Gates:
    """Points that let only so many through. Share one among customers who go through the same points."""

    def __init__(self) -> None:
        self._gates: dict[str, _Gate] = {}

    def turn(self, node_key: str, walk: Walk, need: Turn, now: datetime) -> datetime:
        """When this visit may pass; not later than now: it does."""
        gate, span = self._gates.setdefault(node_key, _Gate()), timedelta(seconds=need.seconds)
        visit = (walk.profile_id, walk.enrollment_id, walk.visit)
        if visit not in gate.turns:
            before = sorted(gate.turns.values())[-need.people :]
            gate.turns[visit] = max(now, before[0] + span) if len(before) == need.people else now
        if visit in gate.passed or gate.turns[visit] > now:
            return gate.turns[visit]
        last = sorted(at for at in gate.passed.values() if at > now - span)[-need.people :]
        if len(last) == need.people:
            return last[0] + span
        gate.passed[visit] = now
        return now
