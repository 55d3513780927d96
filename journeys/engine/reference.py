"""The engine told once more, as plainly as possible: one customer, in memory, on a virtual clock, the same node code.

It is what the real engine is tested against, and what can walk a drawing without a database: its input is a history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from journeys.contracts.step import Attributes, Engagement, EngagementFact, Happened, Matches, Need, Step, Trigger
from journeys.engine import facts as shared
from journeys.engine.graph import Graph
from journeys.engine.transition import ACTIVE, EXITED, NOTHING, Results, Walk, apply, settle
from journeys.models import Version
from profiles.segments import evaluate
from profiles.segments.ast import leaves
from profiles.segments.filters import where_holds
from profiles.segments.history import Done, History, counted
from profiles.segments.kind import Kind
from profiles.segments.kinds.attribute import Attribute
from profiles.segments.kinds.event import Event
from profiles.segments.kinds.segment import InSegment
from profiles.segments.kinds.sequence import InOrder
from profiles.segments.periods import Stretch

REACHED = "Reached the goal"


@dataclass(frozen=True, slots=True)
class Did:
    """An event of the customer."""

    at: datetime
    name: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joined:
    """The customer starts to match a segment."""

    at: datetime
    segment: int


@dataclass(frozen=True, slots=True)
class Reacted:
    """The customer opens or clicks the last message that the node has sent."""

    at: datetime
    node_key: str
    what: Literal["opened", "clicked"]


Item = Did | Joined | Reacted


@dataclass(slots=True)
class Sent:
    """A message; it leaves when its person has come to rest."""

    node_key: str
    visit: int
    made_at: datetime
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None


@dataclass(slots=True)
class Passage:
    """One enrollment: where it stands, how it came there, and what it has sent."""

    walk: Walk
    trigger: Did | Joined
    path: list[tuple[str, str]] = field(default_factory=list)
    messages: list[Sent] = field(default_factory=list)
    converted_at: datetime | None = None


class Customer:
    """One customer going through one version."""

    def __init__(self, graph: Graph, profile_id: int, attributes: Mapping[str, Any]) -> None:
        self.graph, self.profile_id = graph, profile_id
        self.attributes = dict(attributes)
        self.events: list[Did] = []
        self.segments: set[int] = set()
        self.passages: list[Passage] = []

    def live(self, items: Sequence[Item], now: datetime) -> None:
        """What has become known by now happens, then whoever is due moves. Call it with a rising clock."""
        happened: list[Did] = []
        for item in items:
            match item:
                case Did():
                    happened.append(item)
                case Joined(segment=segment):
                    self.segments.add(segment)
                case Reacted():
                    happened += self._react(item)
        self.events += happened
        for item in items:
            if isinstance(item, Did | Joined):
                self._start(item, now)
        for event in sorted(happened, key=lambda event: event.at):
            self._convert(event, now)
        heard = [("event", event.name) for event in happened]
        for change in heard + [("entered", str(item.segment)) for item in items if isinstance(item, Joined)]:
            self._wake(change, now)
        for passage in self.passages:
            if passage.walk.state == ACTIVE and passage.walk.due_at and passage.walk.due_at <= now:
                self._walk(passage, now)

    def _react(self, reaction: Reacted) -> list[Did]:
        sent = [m for p in self.passages for m in p.messages if m.node_key == reaction.node_key]
        if not sent:
            return []
        last = sorted(sent, key=lambda message: message.made_at)[-1]
        if reaction.what == "opened":
            last.opened_at = last.opened_at or reaction.at
        else:
            last.clicked_at = last.clicked_at or reaction.at
        return [Did(reaction.at, f"Message {reaction.what.capitalize()}")]

    def _start(self, item: Did | Joined, now: datetime) -> None:
        change = ("event", item.name) if isinstance(item, Did) else ("entered", str(item.segment))
        properties = item.properties if isinstance(item, Did) else {}
        for node_id in self.graph.entries.get(change, ()):
            if self.graph.nodes[node_id].admits(properties, now) and self._may_enter():
                at = settle(item.at, now)
                walk = Walk(len(self.passages), self.profile_id, node_id, 1, at, at, None, now, due_at=now)
                self.passages.append(Passage(walk, item))

    def _may_enter(self) -> bool:
        match self.graph.reentry:
            case Version.Reentry.ALWAYS:
                return True
            case Version.Reentry.ONCE:
                return not self.passages
            case _after_end:
                return all(passage.walk.state != ACTIVE for passage in self.passages)

    def _convert(self, event: Did, now: datetime) -> None:
        goal = self.graph.goal
        if goal is None or goal.where is None or event.name != goal.event:
            return
        if not where_holds(goal.where, event.properties, now):
            return
        for passage in self.passages:
            entered = passage.walk.entered_at
            if passage.converted_at or passage.trigger is event or not entered < event.at <= entered + goal.window:
                continue
            passage.converted_at = event.at
            if goal.exits and passage.walk.state == ACTIVE:
                passage.walk.state, passage.walk.reason, passage.walk.due_at = EXITED, REACHED, None

    def _wake(self, change: tuple[str, str], now: datetime) -> None:
        for passage in self.passages:
            if passage.walk.state == ACTIVE and passage.walk.node_id in self.graph.listeners.get(change, ()):
                passage.walk.due_at = now

    def _walk(self, passage: Passage, now: datetime) -> None:
        walk = passage.walk
        walk.moment, walk.passed, walk.resting = now, 0, False
        while not walk.resting:
            node = self.graph.nodes[walk.node_id]
            facts = {need: self._fact(need, passage, now) for need in self.graph.needs[walk.node_id]} or NOTHING
            zone = shared.zone(self.attributes.get("timezone") if Attributes() in facts else None)
            where = (walk.enrollment_id, walk.profile_id, node.key, walk.visit)
            outcome = node.run(Step(*where, now, walk.node_entered_at, walk.entered_at, zone, facts))
            done = Results()
            apply(walk, outcome, self.graph.lines, now, done, facts)
            passage.path += [(self.graph.nodes[step.node_id].key, step.port) for step in done.steps]
            passage.messages += [Sent(self.graph.nodes[one.node_id].key, one.visit, now) for one in done.messages]
            for name, value in done.updates.get(walk.profile_id, {}).items():
                self.attributes[name] = value
                if value is None:
                    del self.attributes[name]
        for message in passage.messages:
            message.sent_at = message.sent_at or now

    def _fact(self, need: Need, passage: Passage, now: datetime) -> Any:
        match need:
            case Attributes():
                return self.attributes
            case Trigger():
                return passage.trigger.properties if isinstance(passage.trigger, Did) else {}
            case Happened(name, where):
                since = passage.walk.node_entered_at
                seen = [e.at for e in self.events if e.name == name and e.at > since]
                if where != "[]":
                    seen = [
                        e.at
                        for e in self.events
                        if e.name == name and e.at > since and shared.holds(where, e.properties, now)
                    ]
                return min(seen, default=None)
            case Engagement(node_key):
                sent = [m for m in passage.messages if m.node_key == node_key]
                if not sent:
                    return None
                last = sent[-1]
                state = "sent" if last.sent_at else "pending"
                return EngagementFact(state, last.sent_at, last.opened_at, last.clicked_at)
            case Matches(text):
                return self._matches(text, now)

    def _matches(self, text: str, now: datetime) -> bool:
        """By the plain Python meaning of conditions, with this customer's facts."""
        asked = shared.condition(text)
        if asked is None:
            return False
        done: dict[tuple[int, str], list[Done]] = {}
        for n, e in enumerate(sorted(self.events, key=lambda event: event.at)):
            done.setdefault((self.profile_id, e.name), []).append(Done(e.at, n, dict(e.properties)))
        history, people = History(events=done), {self.profile_id: self.attributes}
        members: dict[tuple[int, int], datetime] = {}
        for leaf in leaves(asked):
            if isinstance(leaf, InSegment) and leaf.segment in self.segments:
                members[leaf.segment, self.profile_id] = now
            elif isinstance(leaf, Event):
                when = leaf.within.stretch(now) if leaf.within else Stretch()
                seen = sum(when.holds(one.at) for one in history.of(self.profile_id, leaf.event))
                history.counts[self.profile_id, counted(leaf.event, when)] = seen
        known: dict[type[Kind], Any] = {Attribute: people, Event: history, InOrder: history, InSegment: members}
        facts = evaluate.Facts(now, people=people, by_kind=known)
        return evaluate.holds_for(asked, self.profile_id, facts)
