"""What people take from each other in a drawing: places in a journey that takes only so many, and turns at gates.

Lives are replayed one by one, in rounds. In the first nobody is in anybody's way, and it is noted who wanted what, and
when. From that follows until when there is room and whose turn is when; the next round goes by it, and so on until a
round changes nothing more. A point behind another one settles a round later.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from journeys.contracts.step import Turn
from journeys.engine.graph import Graph
from journeys.engine.questions import Gates, Places
from journeys.engine.transition import Walk


class Wish(NamedTuple):
    """For a place in the journey (`gate` empty), or for a turn at the gate of this key; in which passage and visit."""

    gate: str
    number: int
    visit: int


class Place(NamedTuple):
    """When somebody wanted a place, who, and in which passage: first come, first served."""

    at: datetime
    profile_id: int
    number: int


Wishes = Mapping[Wish, datetime]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the round before says about one person. `last`: whoever wants a place after this one finds none. `wished`:
    what they wanted, and when; `turns`: when it is theirs.
    """

    last: Place | None = None
    wished: Wishes = field(default_factory=dict)
    turns: Wishes = field(default_factory=dict)


NOTHING_KNOWN = Ahead()


def gates(graph: Graph) -> dict[str, Turn]:
    """The points that let only so many through, by key."""
    needs = ((graph.nodes[ident].key, need) for ident, listed in graph.needs.items() for need in listed)
    return {key: need for key, need in needs if isinstance(need, Turn)}


def contested(graph: Graph) -> bool:
    """Whether anybody can be in another's way."""
    return graph.rules.total is not None or bool(gates(graph))


class OwnPlaces(Places):
    """The places as one person finds them. `asked` is set before each question."""

    def __init__(self, ahead: Ahead, wished: dict[Wish, datetime]) -> None:
        super().__init__()
        self.ahead, self.wished = ahead, wished
        self.asked: Place | None = None

    def take(self, total: int | None) -> bool:
        """Up to the last place that there is."""
        if total is None or self.asked is None:
            return True
        self.wished.setdefault(Wish("", self.asked.number, 0), self.asked.at)
        return self.ahead.last is None or self.asked <= self.ahead.last


class OwnTurns(Gates):
    """The gates as one person finds them."""

    def __init__(self, ahead: Ahead, wished: dict[Wish, datetime]) -> None:
        super().__init__()
        self.ahead, self.wished = ahead, wished

    def turn(self, node_key: str, walk: Walk, need: Turn, now: datetime) -> datetime:
        """When the round before said; at once, where it said nothing."""
        wish = Wish(node_key, walk.enrollment_id, walk.visit)
        self.wished.setdefault(wish, now)
        return self.ahead.turns.get(wish, now)


def in_turn(wishes: Iterable[tuple[int, datetime]], need: Turn) -> Iterator[tuple[int, datetime]]:
    """When whose turn is, for wishes in the order in which people came."""
    before: deque[datetime] = deque(maxlen=need.people)
    span = timedelta(seconds=need.seconds)
    for ident, at in wishes:
        turn = max(at, before[0] + span) if len(before) == need.people else at
        before.append(turn)
        yield ident, turn
