"""Whom an entry by people's own clocks calls while they move between time zones: for each occasion once.

An occasion calls somebody at the first moment at which its hour has come where they are. Who comes to where that hour
has passed already, and was not called where they were, is called at the entry's next turn anywhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from journeys.engine.zones import every, own
from journeys.models import Node

GRACE: Final = timedelta(minutes=1)  # after which a new zone counts: a change may be stored a little after its moment
APART: Final = timedelta(days=3)  # more than the same occasion is apart between any two zones


class Move(NamedTuple):
    """Somebody's zone, by name, became another."""

    old: Any
    new: Any
    at: datetime


class Stay(NamedTuple):
    """Somebody lived in a zone; `until` None: they still do."""

    zone: ZoneInfo
    until: datetime | None


class Calling(NamedTuple):
    """An entry calls somebody, on a day of the clock that counts."""

    at: datetime
    day: date


def stays(name: Any, moves: Iterable[Move], ours: ZoneInfo) -> tuple[Stay, ...]:
    """Where somebody has lived who is in this zone now. `moves`: the newest first; one that does not lead to where they
    are was made by somebody else, who was joined with them.
    """
    found = [Stay(own(name, ours), None)]
    for move in moves:
        if move.new == name:
            name = move.old
            found.append(Stay(own(name, ours), move.at + GRACE))
    return tuple(reversed(found))


def callings(
    node: Node, value: Any, lived: Sequence[Stay], after: datetime, until: datetime, ours: ZoneInfo
) -> Iterator[Calling]:
    """When the entry calls somebody who has lived there, later than `after` and up to `until`. `value`: what the entry
    looks at.
    """
    told: dict[Any, list[Calling | None]] = {}
    for n, stay in enumerate(lived):
        for turn in _turns(node, stay.zone, after, until):
            if (occasion := node.occasion(value, turn.day, stay.zone)) is not None:
                told.setdefault(occasion, [None] * len(lived))[n] = turn
    for turns in told.values():
        called = _first(node, list(zip(lived, turns, strict=True)), ours)
        if called is not None and after < called.at <= until:
            yield called


def _first(node: Node, places: Sequence[tuple[Stay, Calling | None]], ours: ZoneInfo) -> Calling | None:
    """The one moment of an occasion, told when its hour comes in each place."""
    since: datetime | None = None
    for stay, turn in places:
        if since is not None and stay.until is not None and stay.until <= since:
            continue
        if turn is not None:
            if since is not None and turn.at <= since:
                at = _next_anywhere(node, since, ours) if turn.at > since - APART else None
                return Calling(at, turn.day) if at else None
            if stay.until is None or turn.at <= stay.until:
                return turn
        since = stay.until
    return None


@lru_cache(maxsize=4096)
def _turns(node: Node, zone: ZoneInfo, after: datetime, until: datetime) -> tuple[Calling, ...]:
    """Those in one zone that may matter to somebody who is called in this time, also in another zone."""
    found = []
    at = node.next_start(after - 3 * APART, zone)
    while at is not None and at <= until + APART:
        found.append(Calling(at, at.astimezone(zone).date()))
        at = node.next_start(at, zone)
    return tuple(found)


def _next_anywhere(node: Node, since: datetime, ours: ZoneInfo) -> datetime | None:
    today = since.astimezone(UTC).date()
    days = (today + timedelta(days=n) for n in range(APART.days + 1))
    return next((at for day in days for at in _anywhere(node, day, ours) if at > since), None)


@lru_cache(maxsize=64)
def _anywhere(node: Node, day: date, ours: ZoneInfo) -> tuple[datetime, ...]:
    """The turns of all zones together, within a day in UTC."""
    begin = datetime.combine(day, time(0), UTC)
    found: set[datetime] = set()
    for zone in {*every().values(), ours}:
        at = node.next_start(begin - timedelta(microseconds=1), zone)
        while at is not None and at < begin + timedelta(days=1):
            found.add(at)
            at = node.next_start(at, zone)
    return tuple(sorted(found))
