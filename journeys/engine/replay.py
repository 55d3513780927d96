"""A life that really was, lived once more with a journey in it: the reference interpreter on the clock of then.

Nothing is sent and nothing is written. Between the things that happened the clock jumps from one due moment to the
next, so that a month takes as many turns as there is to do in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Final

from journeys.engine.graph import Graph
from journeys.engine.known import NOTHING_ELSE, Beside
from journeys.engine.lives import Became, Did, Item, Joined, Left, Life, Reacted
from journeys.engine.reference import Customer
from journeys.engine.transition import ACTIVE
from omnichannel.shared.bucket import bucket

TO_OPEN: Final = timedelta(hours=1)  # from sending until somebody opens, where that is assumed
TO_CLICK: Final = timedelta(minutes=5)  # from opening until the click
NEVER: Final = datetime.max.replace(tzinfo=UTC)
MOST_TURNS: Final = 5_000  # of one life: nothing that a drawing says may keep a worker for ever


@dataclass(frozen=True, slots=True)
class Assumed:
    """Of a hundred messages, so many are opened and so many clicked; the same people always."""

    opened: int = 0
    clicked: int = 0


class Replayed(Customer):
    """A customer of then. `refusals`: why messages may not go to them, by the key of the step that sends."""

    def __init__(
        self,
        graph: Graph,
        life: Life,
        start: datetime,
        beside: Beside = NOTHING_ELSE,
        assumed: Assumed = Assumed(),
        refusals: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(graph, life.profile_id, life.attributes, beside)
        self.recall(life)
        self.followed_at = start
        self.assumed, self.refusals = assumed, refusals or {}
        self._agenda: list[tuple[datetime, int, Item | None]] = []
        self._number = count()
        self._interests = frozenset(graph.interests(entries=True))

    def replay(self, items: Iterable[Item], ticks: Iterable[datetime], until: datetime) -> None:
        """Everything up to `until`. `ticks`: when the clock may call somebody in."""
        for one in items:
            self._plan(one.at, one)
        for at in ticks:
            self._plan(at, None)
        turns = 0
        while turns < MOST_TURNS and (now := self._next()) <= until:
            happens: list[Item] = []
            loud = False
            while self._agenda and self._agenda[0][0] <= now:
                at, _number, item = heappop(self._agenda)
                if item is None or self._counts(item):
                    happens += [item] if item is not None else []
                    loud = True
                else:
                    self._remember(item, at)
            if loud or now >= self._due():
                turns += 1
                self.live(happens, now)
                self._expect(now)

    def _plan(self, at: datetime, item: Item | None) -> None:
        heappush(self._agenda, (at, next(self._number), item))

    def _next(self) -> datetime:
        return min([self._due(), *(one[0] for one in self._agenda[:1])])

    def _due(self) -> datetime:
        moments = [one.walk.due_at for one in self.passages if one.walk.state == ACTIVE and one.walk.due_at]
        return min(moments, default=NEVER)

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
        for message in (one for passage in self.passages for one in passage.messages if one.sent_at == now):
            ticket = bucket(f"{message.node_key}:reacts", self.profile_id, 100)
            if ticket < self.assumed.opened:
                self._plan(now + TO_OPEN, Reacted(now + TO_OPEN, message.node_key, "opened"))
            if ticket < self.assumed.clicked:
                at = now + TO_OPEN + TO_CLICK
                self._plan(at, Reacted(at, message.node_key, "clicked"))

    def refused(self, node_key: str) -> str:
        """By what is known of the person today."""
        return self.refusals.get(node_key, "")
