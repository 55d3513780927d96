"""One person led through a drawing by hand, on a clock that moves as asked, with answers that are chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeys.contracts.outcomes import Advance, Fail, Outcome
from journeys.contracts.step import Attributes, Matches, Need, Step, Trigger
from journeys.engine import facts as shared
from journeys.engine.called import Calling
from journeys.engine.graph import Graph
from journeys.engine.kept import Answered, Looked, keep
from journeys.engine.known import Beside
from journeys.engine.lives import Did, Item, Life, Passage
from journeys.engine.reference import Change, Customer
from journeys.engine.transition import ACTIVE, Results, Walk
from journeys.models import Node
from profiles.segments import evaluate


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that was left: when, by which way, and what decided it."""

    node_id: int
    visit: int
    at: datetime
    port: str
    outcome: str
    kept: Mapping[str, Any]
    chosen: bool


class Trial(Customer):
    """Comes in once, where and when it is said. `answers`: the way to take, by visit."""

    def __init__(self, graph: Graph, life: Life, beside: Beside, answers: Mapping[int, str]) -> None:
        super().__init__(graph, life.profile_id, life.attributes, beside)
        self.recall(life)
        self.answers = dict(answers)
        self.passed: list[Passed] = []

    def begin(self, node_id: int, trigger: Did, now: datetime) -> None:
        """Come in here."""
        self.events.setdefault(trigger.name, []).append(trigger)
        walk = Walk(0, self.profile_id, node_id, 1, now, now, None, now, due_at=now)
        self.passages.append(Passage(walk, trigger))
        self.live([], now)

    @property
    def passage(self) -> Passage:
        """The only one."""
        return self.passages[0]

    def answer(self, visit: int, port: str, now: datetime) -> None:
        """Take this way out of where they stand."""
        walk = self.passage.walk
        if walk.state == ACTIVE and walk.visit == visit:
            self.answers[visit] = port
            walk.due_at = now
            self.live([], now)

    def _start(self, change: Change, item: Item, now: datetime) -> None:
        """Nobody comes in but by `begin`."""

    def callings(self, now: datetime) -> list[Calling]:
        """The clock calls nobody in."""
        return []

    def decide(self, node: Node, step: Step) -> Outcome:
        """What was chosen, else what the node says."""
        if (port := self.answers.get(step.visit)) is not None and len(node.get_ports()) > 1:
            return Advance(port)
        try:
            return super().decide(node, step)
        except Exception as error:  # as the engine: it fails this person, and says so
            return Fail(f"The step “{node}” could not decide: {error!r}"[:500])

    def fact(self, need: Need, passage: Passage, now: datetime) -> Any:
        """With what it rests on, so that it can be told."""
        found = super().fact(need, passage, now)
        match need:
            case Attributes() | Trigger():
                return Looked(found)
            case Matches(text) if (asked := shared.condition(text)) is not None:
                facts = self.facts(asked, now)
                return Answered(evaluate.holds_for(asked, self.profile_id, facts), asked, self.profile_id, facts)
        return found

    def _note(self, passage: Passage, done: Results, now: datetime) -> None:
        super()._note(passage, done, now)
        for one in done.steps:
            kept = keep(one.facts) or {}
            chosen = one.visit in self.answers
            self.passed.append(Passed(one.node_id, one.visit, one.left_at, one.port, one.outcome, kept, chosen))
