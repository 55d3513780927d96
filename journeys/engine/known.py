"""What is known of one customer at a moment, in memory, and the facts that nodes read from it: the plain counterpart
of `journeys.engine.facts`, which asks the database for a whole batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from journeys.contracts.step import (
    Attributes,
    Engagement,
    EngagementFact,
    Happened,
    Matches,
    Need,
    Trigger,
    TriggerName,
)
from journeys.engine import facts as shared
from journeys.engine.lives import Did, Life, Passage
from profiles.segments import evaluate
from profiles.segments.ast import Condition, leaves, uses_days
from profiles.segments.history import Done, History, counted
from profiles.segments.kind import Kind
from profiles.segments.kinds.attribute import Attribute, Values
from profiles.segments.kinds.event import Event
from profiles.segments.kinds.list import OnList
from profiles.segments.kinds.reachable import ATTRIBUTES, Reachable
from profiles.segments.kinds.segment import InSegment
from profiles.segments.kinds.sequence import InOrder
from profiles.segments.periods import Stretch
from profiles.segments.zone import carry

UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Beside:
    """What else conditions may ask about, loaded beforehand for many customers at once: consents, lists, companies …

    `by_kind` is what each kind of condition has loaded, `lost` the questions that cannot be asked, `topics` what counts
    for people who have said nothing to a topic.
    """

    by_kind: Mapping[type[Kind], Any] = field(default_factory=dict)
    lost: Mapping[Kind, str] = field(default_factory=dict)
    zone: ZoneInfo = UTC
    topics: Mapping[str, bool] = field(default_factory=dict)


NOTHING_ELSE = Beside()


class Known:
    """One customer: attributes, what they did, the segments they are in and the lists they are on, since when."""

    def __init__(self, profile_id: int, attributes: Mapping[str, Any], beside: Beside = NOTHING_ELSE) -> None:
        self.profile_id, self.beside = profile_id, beside
        self.attributes = dict(attributes)
        self.events: dict[str, list[Did]] = {}
        self.segments: dict[int, datetime] = {}
        on = beside.by_kind.get(OnList, {})
        self.lists = {listed: since for (listed, profile), since in on.items() if profile == profile_id}

    def recall(self, life: Life) -> None:
        """What they did before, and the segments they are in."""
        self.segments.update(life.segments)
        for event in life.before:
            self.events.setdefault(event.name, []).append(event)

    def change(self, values: Mapping[str, Any]) -> list[str]:
        """Attributes get these values; None takes one away. Gives the names of those that had another."""
        changed = []
        for name, value in values.items():
            old = self.attributes.get(name)
            if old == value and type(old) is type(value):
                continue
            changed.append(name)
            self.attributes[name] = value
            if value is None:
                del self.attributes[name]
        return changed

    def done(self, name: str) -> list[Did]:
        """The events of one name, as they became known."""
        return self.events.get(name, [])

    def fact(self, need: Need, passage: Passage, now: datetime) -> Any:
        """The value of a node's need."""
        match need:
            case Attributes():
                return self.attributes
            case Trigger():
                return passage.trigger.properties if isinstance(passage.trigger, Did) else {}
            case TriggerName():
                return passage.trigger.name if isinstance(passage.trigger, Did) else ""
            case Happened(name, where):
                return self._happened(name, where, passage.walk.node_entered_at, now)
            case Engagement(node_key):
                return _engagement(passage, node_key)
            case Matches(text):
                return self.matches(text, now)

    def _happened(self, name: str, where: str, since: datetime, now: datetime) -> datetime | None:
        seen = [e for e in self.done(name) if e.at > since]
        if where != "[]":
            seen = [e for e in seen if shared.holds(where, e.properties, now)]
        return min((e.at for e in seen), default=None)

    def matches(self, text: str, now: datetime) -> bool:
        """Does the customer match a condition, by the plain Python meaning of conditions?"""
        asked = shared.condition(text)
        if asked is None:
            return False
        return evaluate.holds_for(asked, self.profile_id, self.facts(asked, now))

    def facts(self, asked: Condition, now: datetime) -> evaluate.Facts:
        """What the condition asks about, at this moment."""
        questions, names, days = _asked(asked)
        now = carry(now, self.beside.zone) if days else now
        done = {name: {self.profile_id: events} for name in names if (events := self._in_order(name))}
        history, people = History(events=done), {self.profile_id: self.attributes}
        for leaf in questions:
            if isinstance(leaf, Event):
                when = leaf.within.stretch(now) if leaf.within else Stretch()
                seen = sum(when.holds(one.at) for one in history.of(self.profile_id, leaf.event))
                history.counts[counted(leaf.event, when)] = {self.profile_id: seen}
        members = {(segment, self.profile_id): since for segment, since in self.segments.items()}
        lists = {(listed, self.profile_id): since for listed, since in self.lists.items()}
        own: dict[type[Kind], Any] = {Attribute: Values(people), Event: history, InOrder: history}
        own |= {InSegment: members, OnList: lists, Reachable: self._addresses()}
        lost = {leaf: why for leaf, why in self.beside.lost.items() if leaf in questions} if self.beside.lost else {}
        return evaluate.Facts(now, people=people, by_kind={**self.beside.by_kind, **own}, lost=lost)

    def _addresses(self) -> dict[tuple[str, int], str]:
        """Where messages may go: what is blocked is known from elsewhere, as are addresses that are no attributes."""
        known: Mapping[tuple[str, int], str] = self.beside.by_kind.get(Reachable, {})
        found = {key: reach for key, reach in known.items() if key[1] == self.profile_id and key[0] not in ATTRIBUTES}
        for by in ATTRIBUTES:
            if str(self.attributes.get(by) or "").strip():
                found[by, self.profile_id] = known.get((by, self.profile_id), "yes")
        return found

    def _in_order(self, name: str) -> list[Done]:
        events = sorted(self.done(name), key=lambda event: event.at)
        return [Done(event.at, n, dict(event.properties)) for n, event in enumerate(events)]


@lru_cache(maxsize=1024)
def _asked(condition: Condition) -> tuple[tuple[Kind, ...], frozenset[str], bool]:
    """Its questions, the events that they are about, and whether whole days count."""
    questions = tuple(leaf for leaf in leaves(condition) if isinstance(leaf, Kind))
    names = frozenset(key for leaf in questions for kind, key in leaf.interests() if kind == "event")
    return questions, names, uses_days(condition)


def _engagement(passage: Passage, node_key: str) -> EngagementFact | None:
    """Of the last message that this node made."""
    sent = [message for message in passage.messages if message.node_key == node_key]
    if not sent:
        return None
    last = sent[-1]
    state = "skipped" if last.overtaken or last.refused else "sent" if last.sent_at else "pending"
    times = (last.sent_at, last.opened_at, last.clicked_at, last.human_opened_at, last.human_clicked_at)
    return EngagementFact(state, *times)
