"""The engine told once more, as plainly as possible: one customer, in memory, on a virtual clock, the same node code.

It is what the real engine is tested against, and what can walk a drawing without a database: its input is a history.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from journeys.conditions.message import AboutMessages
from journeys.contracts.outcomes import AddToList, EmitEvent, Outcome, ReachGoal, RemoveFromList, StartJourney
from journeys.contracts.step import Answer, AnswerFact, Attributes, Need, Step, Turn
from journeys.engine import brakes, zones
from journeys.engine.called import Calling, callings
from journeys.engine.exits import EVERY
from journeys.engine.graph import Graph
from journeys.engine.known import NOTHING_ELSE, Beside, Known
from journeys.engine.letters import letters
from journeys.engine.lives import (
    Answered,
    Became,
    Blocked,
    Brought,
    Called,
    Did,
    Item,
    Joined,
    Left,
    Passage,
    Reacted,
    Said,
    Sent,
)
from journeys.engine.moves import Move
from journeys.engine.questions import Gates, Places, Question
from journeys.engine.transition import ACTIVE, EXITED, NOTHING, REACHED, Act, Results, Walk, apply, settle
from journeys.models import Node
from profiles.segments import evaluate
from profiles.segments.ast import Condition, leaves
from profiles.segments.filters import where_holds
from profiles.segments.kinds.event import Event
from profiles.segments.zone import carry

ATTRIBUTES: Final = Attributes()
Change = tuple[str, str]  # (kind, key), as the outbox tells it


class Customer(Known):
    """One customer going through one version."""

    def __init__(
        self, graph: Graph, profile_id: int, attributes: Mapping[str, Any], beside: Beside = NOTHING_ELSE
    ) -> None:
        super().__init__(profile_id, attributes, beside)
        self.graph = graph
        self.home = zones.own(graph.timezone, beside.zone)
        self.passages: list[Passage] = []
        self.followed_at: datetime | None = None  # up to here the clock has called
        self.moved: list[Move] = []  # to other time zones, the newest first
        self.started: list[tuple[datetime, int]] = []  # journeys that this one has sent them into, and when
        self.words: dict[str, bool] = {}  # the latest to each topic
        self.gates, self.places = Gates(), Places()
        self._chained = 0  # the longest chain of journeys within the hour before
        self._told: list[tuple[Change, Item]] = []  # what this journey has done that others may hear of
        self._reacted: list[tuple[Did, Passage, Sent]] = []  # what has just become known about messages

    def live(self, items: Sequence[Item], now: datetime) -> None:
        """What has become known by now happens, then whoever is due moves. Call it with a rising clock."""
        self.hear(items, now)
        for calling in self.callings(now):
            self.come(calling, now)
        self.go_on(now)

    def hear(self, items: Sequence[Item], now: datetime) -> None:
        """The first part of `live`, for customers who are led through a drawing together: they share its places."""
        now = self.carried(now)
        heard = [change for item in items for change in self._hear(item, now)]
        reacted, self._reacted = self._reacted, []
        for event, passage, message in sorted(reacted, key=lambda one: one[0].at):
            self._regret(passage, message, event)
        for _change, item in heard:
            if isinstance(item, Did):
                self.events.setdefault(item.name, []).append(item)
        self._take(heard, now)

    def callings(self, now: datetime) -> list[Calling]:
        """The second part: the clock goes on, and calls nobody for what was before the first moment."""
        now = self.carried(now)
        since, self.followed_at = self.followed_at or now, now
        return callings(self.graph, self.home, self.attributes, self.segments, self.moved, since, now)

    def come(self, calling: Calling, now: datetime) -> None:
        """The clock brings them in, if they may."""
        token = f"clock:{calling.node_id}:{calling.day}"
        self._enter(calling.node_id, Called(calling.at), {}, self.carried(now), token)

    def go_on(self, now: datetime) -> None:
        """The last part: whoever is due moves, in the order in which they are due."""
        now = self.carried(now)
        while due := sorted(_due(self.passages, now)):
            for _at, number in due:
                self._walk(self.passages[number], now)
            told, self._told = self._told, []
            self._take(told, now)

    def carried(self, now: datetime) -> datetime:
        """With the zone beside it whose days count in filters."""
        return carry(now, self.beside.zone)

    def _take(self, heard: Sequence[tuple[Change, Item]], now: datetime) -> None:
        """Changes bring in, reach goals and wake."""
        if not heard:
            return
        if any(isinstance(item, Joined | Left) for _change, item in heard):
            hot = [p.walk.chain for p in self.passages if p.walk.entered_at > now - brakes.HOT]
            self._chained = max(hot, default=0)
        for change, item in heard:
            self._start(change, item, now)
        if self.graph.goal:
            happened = [item for _change, item in heard if isinstance(item, Did)]
            for event in sorted(happened, key=lambda event: event.at):
                self._convert(event, now)
        for change, item in heard if self.graph.exits else ():
            self._leave(change, item, now)
        for change, _item in heard:
            self._wake(change, now)

    def _leave(self, change: Change, item: Item, now: datetime) -> None:
        """By the rules of the whole journey."""
        data = item.properties if isinstance(item, Did) else {"blocked": True, "subscribed": self.words.get(change[1])}
        for rule in (*self.graph.exits.get(change, ()), *self.graph.exits.get((change[0], EVERY), ())):
            holds = rule.holds(data, now) and not (rule.silent and self._wants_to_hear())
            for passage in self.passages if holds else ():
                walk = passage.walk
                if walk.state == ACTIVE and passage.trigger is not item and walk.entered_at < item.at:
                    walk.state, walk.reason, walk.due_at, walk.ended_at = EXITED, rule.reason, None, now

    def _wants_to_hear(self) -> bool:
        """Of any topic."""
        return any({**self.beside.topics, **self.words}.values())

    def _hear(self, item: Item, now: datetime) -> list[tuple[Change, Item]]:
        """What is known after it; the changes that the outbox would tell."""
        match item:
            case Did(name=name):
                return [(("event", name), item)]
            case Brought(how=how):
                return [((how, str(self.graph.journey_id)), item)]
            case Joined(segment=segment):
                self.segments[segment] = now
                return [(("entered", str(segment)), item)]
            case Left(segment=segment):
                self.segments.pop(segment, None)
                return [(("exited", str(segment)), item)]
            case Said(topic=topic, subscribed=subscribed):
                if self.words.get(topic) == subscribed:
                    return []
                self.words[topic] = subscribed
                return [(("consent", topic), item)]
            case Blocked(kind=kind):
                return [(("suppression", kind), item)]
            case Became(values=values):
                return [(("attribute", name), item) for name in self._become(values, now)]
            case Reacted():
                return [(("event", event.name), event) for event in self._react(item)]
            case Answered():
                self._answer(item, now)
                return []
            case Called():
                return []

    def _become(self, values: Mapping[str, Any], now: datetime) -> list[str]:
        """The names of what has changed."""
        zone = self.attributes.get("timezone")
        changed = self.change(values)
        if "timezone" in changed:
            self.moved.insert(0, Move(zone, self.attributes.get("timezone"), now))
        return changed

    def _answer(self, item: Answered, now: datetime) -> None:
        """Whoever still waits for it goes on."""
        for passage in self.passages:
            for one in passage.questions:
                if (one.node_key, one.visit) == (item.node_key, passage.walk.visit) and one.answer is None:
                    one.answer = AnswerFact(item.ok, now, item.result, item.value)
                    self._rouse(passage.walk, now)

    def _react(self, reaction: Reacted) -> list[Did]:
        sent = [m for p in self.passages for m in p.messages if m.node_key == reaction.node_key and not m.overtaken]
        if not sent:
            return []
        last = sorted(sent, key=lambda message: message.made_at)[-1]
        last.react(reaction.what, reaction.at, reaction.machine)
        told = {"machine": "agent"} if reaction.machine else {}
        event = Did(reaction.at, f"Message {reaction.what.capitalize()}", told)
        self._reacted += [(event, passage, last) for passage in self.passages if last in passage.messages]
        return [event]

    def _regret(self, passage: Passage, message: Sent, event: Did) -> None:
        """Branches behind the message, before the next one of its step, that would have gone otherwise."""
        again = [m.visit for m in passage.messages if m.node_key == message.node_key and m.visit > message.visit]
        for point in self.graph.regrets.get(("event", event.name), ()):
            here = (self.graph.nodes[point.node_id].key, point.port)
            if point.send_key != message.node_key or (point.by_people and event.properties):
                continue
            for visit, step in enumerate(passage.path, start=1):
                if step == here and message.visit < visit < min(again, default=visit + 1):
                    passage.late.setdefault(visit, (event.at, point.cancels))

    def _start(self, change: Change, item: Item, now: datetime) -> None:
        properties = item.properties if isinstance(item, Did) else {}
        for node_id in self.graph.entries.get(change, ()):
            if self.graph.nodes[node_id].admits(properties, now):
                self._enter(node_id, item, properties, now)
                return  # once, at the first entry that admits

    def _enter(self, node_id: int, item: Item, properties: Mapping[str, Any], now: datetime, token: str = "") -> None:
        rules, number = self.graph.rules, len(self.passages)
        key = rules.entry_key(properties, token or str(number))
        in_the_way = [p for p in self.passages if p.entry_key == key or not rules.keyed]
        since = rules.since(now)
        counted = [p for p in self.passages if since is None or p.walk.entered_at >= since]
        if any(rules.ever or p.walk.state == ACTIVE for p in in_the_way):
            return
        chain = self._chain(item)
        if chain > brakes.MOST or (rules.person is not None and len(counted) >= rules.person):
            return
        if not self.places.take(rules.total):
            return
        at = self.entered(item.at, now)
        walk = Walk(number, self.profile_id, node_id, 1, at, at, None, now, due_at=now, chain=chain)
        self.passages.append(Passage(walk, item, key))

    def _chain(self, item: Item) -> int:
        """How many journeys have led here one after the other."""
        if isinstance(item, Joined | Left):
            return 1 + self._chained
        return item.chain if isinstance(item, Did | Brought) else 0

    def _convert(self, event: Did, now: datetime) -> None:
        goal = self.graph.goal
        if goal is None or goal.where is None or event.name != goal.event:
            return
        if not where_holds(goal.where, event.properties, now):
            return
        for passage in self.passages:
            walk = passage.walk
            inside = walk.entered_at < event.at <= walk.entered_at + goal.window
            if passage.converted_at or passage.trigger is event or not inside:
                continue
            passage.converted_at = event.at
            if goal.exits and walk.state == ACTIVE:
                walk.state, walk.reason, walk.due_at, walk.ended_at = EXITED, REACHED, None, now

    def _wake(self, change: Change, now: datetime) -> None:
        for passage in self.passages:
            if passage.walk.node_id in self.graph.listeners.get(change, ()):
                self._rouse(passage.walk, now)

    @staticmethod
    def _rouse(walk: Walk, now: datetime) -> None:
        """Whoever is due already keeps their place in line."""
        if walk.state == ACTIVE:
            walk.due_at = min(walk.due_at or now, now)

    def _walk(self, passage: Passage, now: datetime) -> None:
        walk = passage.walk
        walk.moment, walk.passed, walk.resting = now, 0, False
        while not walk.resting:
            node, needs = self.graph.nodes[walk.node_id], self.graph.needs[walk.node_id]
            facts = {need: self.fact(need, passage, now) for need in needs} if needs else NOTHING
            zone = zones.own(self.attributes.get("timezone"), self.home) if ATTRIBUTES in facts else self.home
            where = (walk.enrollment_id, walk.profile_id, node.key, walk.visit)
            step = Step(*where, now, walk.node_entered_at, walk.entered_at, zone, facts)
            done = Results()
            self.move(walk, self.decide(node, step), now, done, facts)
            self._note(passage, done, now)
        for message in passage.messages:
            if not message.sent_at and not message.overtaken and not message.refused:
                message.overtaken = passage.overtakes(message)
                message.sent_at = None if message.overtaken else now

    def fact(self, need: Need, passage: Passage, now: datetime) -> Any:
        """Answers and turns belong to the step at which somebody stands; all else is known of the customer."""
        standing = self.graph.nodes[passage.walk.node_id].key
        match need:
            case Answer(node_key):
                asked = [one for one in passage.questions if one.node_key == node_key]
                if node_key == standing:
                    asked = [one for one in asked if one.visit == passage.walk.visit]
                return asked[-1].answer if asked else None
            case Turn():
                return self.gates.turn(standing, passage.walk, need, now)
        return super().fact(need, passage, now)

    def facts(self, asked: Condition, now: datetime) -> evaluate.Facts:
        """Conditions may ask about messages too."""
        found = super().facts(asked, now)
        if any(isinstance(leaf, AboutMessages) for leaf in leaves(asked)):
            sent = letters(self.graph, self.profile_id, self.passages, found.by_kind[Event], self.beside)
            found.by_kind = {**found.by_kind, AboutMessages: sent}
        return found

    def decide(self, node: Node, step: Step) -> Outcome:
        """What the node says."""
        return node.run(step)

    def entered(self, at: datetime, now: datetime) -> datetime:
        """From when the way of somebody counts who comes in by this."""
        return settle(at, now)

    def move(self, walk: Walk, outcome: Outcome, now: datetime, done: Results, facts: Mapping[Need, Any]) -> None:
        """What the decision does to where they stand."""
        apply(walk, outcome, self.graph.lines, now, done, facts)

    def refused(self, node_key: str) -> str:
        """Why the messages of this step may not go out to the customer; empty: they may."""
        return ""

    def _note(self, passage: Passage, done: Results, now: datetime) -> None:
        """What one decision has left behind."""
        nodes = self.graph.nodes
        passage.path += [(nodes[step.node_id].key, step.port) for step in done.steps]
        for one in done.messages:
            key = nodes[one.node_id].key
            passage.messages.append(Sent(key, one.visit, now, refused=self.refused(key)))
        for asked in done.questions:
            if asked.visit not in {one.visit for one in passage.questions}:
                passage.questions.append(Question(nodes[asked.node_id].key, asked.visit))
        if values := done.updates.get(self.profile_id):
            self._told += [(("attribute", name), Became(now, values)) for name in self._become(values, now)]
        for act in done.acts:
            self._act(passage, act, now)

    def _act(self, passage: Passage, act: Act, now: datetime) -> None:
        match act.effect:
            case AddToList(list_id):
                self.lists.setdefault(list_id, now)
            case RemoveFromList(list_id):
                self.lists.pop(list_id, None)
            case EmitEvent(name, properties):
                event = Did(act.at, name, properties, chain=brakes.onward(act.walk, now))
                self.events.setdefault(name, []).append(event)
                self._told.append((("event", name), event))
            case StartJourney(journey_id):
                self.started.append((act.at, journey_id))
            case ReachGoal():
                passage.converted_at = passage.converted_at or act.at


def _due(passages: Sequence[Passage], now: datetime) -> list[tuple[datetime, int]]:
    """(since when, number) of those who are to move by now."""
    walks = [passage.walk for passage in passages if passage.walk.state == ACTIVE]
    return [(walk.due_at, walk.enrollment_id) for walk in walks if walk.due_at and walk.due_at <= now]
