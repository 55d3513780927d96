"""The engine told once more, as plainly as possible: one customer, in memory, on a virtual clock, the same node code.

It is what the real engine is tested against, and what can walk a drawing without a database: its input is a history.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from journeys.contracts.outcomes import Outcome
from journeys.contracts.step import Attributes, Step
from journeys.engine import facts as shared
from journeys.engine.graph import Graph
from journeys.engine.known import NOTHING_ELSE, Beside, Known
from journeys.engine.lives import Became, Did, Item, Joined, Left, Passage, Reacted, Sent
from journeys.engine.transition import ACTIVE, EXITED, NOTHING, Results, Walk, apply, settle
from journeys.models import Node
from profiles.segments.filters import where_holds

REACHED = "Reached the goal"
Change = tuple[str, str]  # (kind, key), as the outbox tells it


class Customer(Known):
    """One customer going through one version."""

    def __init__(
        self, graph: Graph, profile_id: int, attributes: Mapping[str, Any], beside: Beside = NOTHING_ELSE
    ) -> None:
        super().__init__(profile_id, attributes, beside)
        self.graph = graph
        self.passages: list[Passage] = []

    def live(self, items: Sequence[Item], now: datetime) -> None:
        """What has become known by now happens, then whoever is due moves. Call it with a rising clock."""
        heard = [change for item in items for change in self._hear(item, now)]
        for _change, item in heard:
            if isinstance(item, Did):
                self.events.setdefault(item.name, []).append(item)
        for change, item in heard:
            self._start(change, item, now)
        happened = [item for _change, item in heard if isinstance(item, Did)]
        for event in sorted(happened, key=lambda event: event.at):
            self._convert(event, now)
        for change, _item in heard:
            self._wake(change, now)
        for passage in self.passages:
            if passage.walk.state == ACTIVE and passage.walk.due_at and passage.walk.due_at <= now:
                self._walk(passage, now)

    def _hear(self, item: Item, now: datetime) -> list[tuple[Change, Item]]:
        """What is known after it; the changes that the outbox would tell."""
        match item:
            case Did(name=name):
                return [(("event", name), item)]
            case Joined(segment=segment):
                self.segments[segment] = now
                return [(("entered", str(segment)), item)]
            case Left(segment=segment):
                self.segments.pop(segment, None)
                return [(("exited", str(segment)), item)]
            case Became(values=values):
                self.change(values)
                return [(("attribute", name), item) for name in values]
            case Reacted():
                return [(("event", event.name), event) for event in self._react(item)]

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

    def _start(self, change: Change, item: Item, now: datetime) -> None:
        properties = item.properties if isinstance(item, Did) else {}
        for node_id in self.graph.entries.get(change, ()):
            if self.graph.nodes[node_id].admits(properties, now):
                self._enter(node_id, item, properties, now)
                return  # once, at the first entry that admits

    def _enter(self, node_id: int, item: Item, properties: Mapping[str, Any], now: datetime) -> None:
        rules, number = self.graph.rules, len(self.passages)
        key = rules.entry_key(properties, str(number))
        in_the_way = [p for p in self.passages if p.entry_key == key or not rules.keyed]
        since = rules.since(now)
        counted = [p for p in self.passages if since is None or p.walk.entered_at >= since]
        if any(rules.ever or p.walk.state == ACTIVE for p in in_the_way):
            return
        if rules.person is not None and len(counted) >= rules.person:
            return
        at = settle(item.at, now)
        walk = Walk(number, self.profile_id, node_id, 1, at, at, None, now, due_at=now)
        self.passages.append(Passage(walk, item, key))

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

    def _wake(self, change: Change, now: datetime) -> None:
        for passage in self.passages:
            if passage.walk.state == ACTIVE and passage.walk.node_id in self.graph.listeners.get(change, ()):
                passage.walk.due_at = now

    def _walk(self, passage: Passage, now: datetime) -> None:
        walk = passage.walk
        walk.moment, walk.passed, walk.resting = now, 0, False
        while not walk.resting:
            node = self.graph.nodes[walk.node_id]
            facts = {need: self.fact(need, passage, now) for need in self.graph.needs[walk.node_id]} or NOTHING
            zone = shared.zone(self.attributes.get("timezone") if Attributes() in facts else None)
            where = (walk.enrollment_id, walk.profile_id, node.key, walk.visit)
            step = Step(*where, now, walk.node_entered_at, walk.entered_at, zone, facts)
            done = Results()
            apply(walk, self.decide(node, step), self.graph.lines, now, done, facts)
            self._note(passage, done, now)
        for message in passage.messages:
            message.sent_at = message.sent_at or now

    def decide(self, node: Node, step: Step) -> Outcome:
        """What the node says."""
        return node.run(step)

    def _note(self, passage: Passage, done: Results, now: datetime) -> None:
        """What one decision has left behind."""
        nodes = self.graph.nodes
        passage.path += [(nodes[step.node_id].key, step.port) for step in done.steps]
        passage.messages += [Sent(nodes[one.node_id].key, one.visit, now) for one in done.messages]
        self.change(done.updates.get(self.profile_id, {}))
