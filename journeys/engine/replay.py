"""A life that really was, lived once more with a journey in it: the reference interpreter on the clock of then.

Nothing is sent and nothing is written. Between the things that happened the clock jumps from one due moment to the
next, so that a month takes as many turns as there is to do in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

from journeys.contracts.outcomes import AskColleague
from journeys.engine.contest import NOTHING_KNOWN, Ahead, OwnPlaces, OwnTurns, Place, Wish
from journeys.engine.graph import Graph
from journeys.engine.known import NOTHING_ELSE, Beside
from journeys.engine.lives import Answered, Became, Did, Item, Joined, Left, Life, Passage, Reacted
from journeys.engine.reference import Customer
from journeys.engine.transition import ACTIVE, Results
from omnichannel.shared.bucket import bucket

TO_OPEN: Final = timedelta(hours=1)  # from sending until somebody opens, where that is assumed
TO_CLICK: Final = timedelta(minutes=5)  # from opening until the click
TO_ANSWER: Final = timedelta(minutes=1)  # until another system answers
TO_SAY: Final = timedelta(hours=4)  # until a colleague says how a task went
NEVER: Final = datetime.max.replace(tzinfo=UTC)
FAILED: Final = "failed"  # the way out of a question that was given up
MOST_TURNS: Final = 5_000  # of one life: nothing that a drawing says may keep a worker for ever


@dataclass(frozen=True, slots=True)
class Assumed:
    """Of a hundred messages, so many are opened and so many clicked; of a hundred questions that a step asks the world
    outside, so many are answered by each of its ways out: the same people always.
    """

    opened: int = 0
    clicked: int = 0
    answers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class Replayed(Customer):
    """A customer of then. `refusals`: why messages may not go to them, by the key of the step that sends. `days`:
    whether anything in the drawing asks for whole days.
    """

    def __init__(
        self,
        graph: Graph,
        life: Life,
        start: datetime,
        beside: Beside = NOTHING_ELSE,
        assumed: Assumed = Assumed(),
        refusals: Mapping[str, str] | None = None,
        ahead: Ahead = NOTHING_KNOWN,
        *,
        days: bool = True,
    ) -> None:
        super().__init__(graph, life.profile_id, life.attributes, beside)
        self.recall(life)
        self.followed_at = start
        self.assumed, self.refusals, self.days = assumed, refusals or {}, days
        self.ahead = ahead
        self.wished: dict[Wish, datetime] = {}
        self.gates = OwnTurns(ahead, self.wished)
        self.places: OwnPlaces = OwnPlaces(ahead, self.wished)
        self._agenda: list[tuple[datetime, int, Item]] = []
        self._number = count()
        self._interests = frozenset(graph.interests(entries=True))

    def replay(self, items: Iterable[Item], ticks: Iterable[datetime], until: datetime) -> None:
        """Everything up to `until`. `items`: in the order of time. `ticks`: when the clock may call somebody in."""
        coming = [*items, None]
        clock = [*sorted(ticks), NEVER]
        n = tick = turns = 0
        while turns < MOST_TURNS:
            item = coming[n]
            now = min(
                item.at if item else NEVER, clock[tick], self._agenda[0][0] if self._agenda else NEVER, self._due()
            )
            if now > until:
                return
            happens: list[Item] = []
            while item is not None and item.at <= now:
                if self._counts(item):
                    happens.append(item)
                else:
                    self._remember(item, item.at)
                n += 1
                item = coming[n]
            while self._agenda and self._agenda[0][0] <= now:
                happens.append(heappop(self._agenda)[2])
            called = clock[tick] <= now
            while clock[tick] <= now:
                tick += 1
            if happens or called or now >= self._due():
                turns += 1
                self._turn(happens, now, called=called)

    def _turn(self, happens: list[Item], now: datetime, *, called: bool) -> None:
        """What `live` does, without what there is nothing to do for."""
        if happens:
            self.hear(happens, now)
        if called:
            for calling in self.callings(now):
                self.come(calling, now)
        if self.passages:
            self.go_on(now)
            self._expect(now)

    def _plan(self, item: Item) -> None:
        heappush(self._agenda, (item.at, next(self._number), item))

    def _due(self) -> datetime:
        due = NEVER
        for one in self.passages:
            if one.walk.state == ACTIVE and one.walk.due_at and one.walk.due_at < due:
                due = one.walk.due_at
        return due

    def _counts(self, item: Item) -> bool:
        """Does the journey listen to it? Most of what people do only has to be known."""
        match item:
            case Did(name=name):
                return ("event", name) in self._interests
            case Joined(segment=segment):
                return ("entered", str(segment)) in self._interests
            case Left(segment=segment):
                return ("exited", str(segment)) in self._interests
            case Became(values=values):
                return any(("attribute", name) in self._interests for name in values)
        return True

    def _remember(self, item: Item, now: datetime) -> None:
        self._hear(item, now)
        if isinstance(item, Did):
            self.events.setdefault(item.name, []).append(item)

    def _expect(self, now: datetime) -> None:
        """What people do with the messages that have just left."""
        if not (self.assumed.opened or self.assumed.clicked):
            return
        for message in (one for passage in self.passages for one in passage.messages if one.sent_at == now):
            ticket = bucket(f"{message.node_key}:reacts", self.profile_id, 100)
            if ticket < self.assumed.opened:
                self._plan(Reacted(now + TO_OPEN, message.node_key, "opened"))
            if ticket < self.assumed.clicked:
                self._plan(Reacted(now + TO_OPEN + TO_CLICK, message.node_key, "clicked"))

    def _note(self, passage: Passage, done: Results, now: datetime) -> None:
        known = len(passage.questions)
        super()._note(passage, done, now)
        new = passage.questions[known:] if done.questions and self.assumed.answers else ()
        for question, asked in zip(new, done.questions, strict=False):
            answer = self._assumed_answer(question.node_key, question.visit)
            if answer:
                wait = TO_SAY if isinstance(asked.ask.request, AskColleague) else TO_ANSWER
                self._plan(Answered(now + wait, question.node_key, answer != FAILED, answer))

    def _assumed_answer(self, node_key: str, visit: int) -> str:
        """The way out by which somebody outside answers; empty: they do not."""
        ticket = bucket(f"{node_key}:{visit}:answers", self.profile_id, 100)
        for way, share in self.assumed.answers.get(node_key, {}).items():
            if ticket < share:
                return way
            ticket -= share
        return ""

    def _enter(self, node_id: int, item: Item, properties: Mapping[str, Any], now: datetime, token: str = "") -> None:
        self.places.asked = Place(now, self.profile_id, len(self.passages))
        super()._enter(node_id, item, properties, now, token)

    def carried(self, now: datetime) -> datetime:
        """Only where it matters: moments that carry a zone are slow."""
        return super().carried(now) if self.days else now

    def refused(self, node_key: str) -> str:
        """By what is known of the person today."""
        return self.refusals.get(node_key, "")
