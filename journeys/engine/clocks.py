"""Brings people in by the clock: at set times, and on dates that are known of them.

Each entry of a live journey has a row that says up to which moment the clock has been followed. People come in piece by
piece in the order of their number, and the row moves with each piece in one transaction: a tick that is late, lost or
doubled, and a worker that is killed, neither lose nor double anybody. However late it is, no moment is left out.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from journeys.contracts.crowd import Crowd
from journeys.engine import graph, moves
from journeys.engine.enroll import Start, enroll
from journeys.engine.faults import PASSING
from journeys.engine.graph import Graph
from journeys.engine.moves import APART, GRACE, Move
from journeys.engine.zones import every, home, own
from journeys.models import EntryClock, Node
from journeys.models.calendar import MIDNIGHT, on_the_wall
from journeys.wakeup import wake_on_commit
from omnichannel.shared import sql
from omnichannel.shared.failpoints import hit

log = logging.getLogger(__name__)

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "clocks.sql")
PIECE: Final = 5_000
STRETCH: Final = timedelta(days=1)  # of lateness, made up for in one go
INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Due:
    """An entry whose moment has come: for all turns up to `until`. `reached`: who was asked last; 0: nobody yet."""

    id: int
    compiled: Graph
    node: Node
    at: datetime
    followed_at: datetime
    until: datetime
    reached: int


class Turn(NamedTuple):
    """An entry calls: the day that it is then, and the zones in which it is. The empty name stands for our own zone."""

    at: datetime
    day: date
    zones: frozenset[str]


def follow(now: datetime, limit: int = PIECE) -> int:
    """Ask the next piece of people for the entry that waits longest. 0: none waits that nobody else is at.

    One that cannot be followed stays where it is, and holds up no other.
    """
    failing: list[int] = []
    while True:
        claimed: list[int] = []
        try:
            return _follow(now, limit, failing, claimed)
        except PASSING:
            raise
        except Exception:
            if not claimed:
                raise
            log.exception("entry %s cannot be followed by the clock", claimed[0])
            failing += claimed


def _follow(now: datetime, limit: int, besides: Sequence[int], claimed: list[int]) -> int:
    with sql.lazily_committed():
        due = _claim(now, besides, claimed)
        if due is None:
            return 0
        hit("clocks.claimed")
        turns, next_at = plan(due.node, due.followed_at, due.at, due.until, home(due.compiled))
        reached, starts = _piece(due, turns, limit)
        if enroll(starts, now):
            wake_on_commit("advance")
        if reached is None:
            _save(due, due.until, next_at, None, 0)
        else:
            _save(due, due.followed_at, due.at, due.until, reached)
        hit("clocks.written")
    hit("clocks.committed")
    return 1


def arrange(compiled: Graph, now: datetime) -> None:
    """The journey goes by this version from now on. An entry that asks the same as before goes on where it is."""
    old = {row.key: row for row in EntryClock.objects.filter(journey_id=compiled.journey_id)}
    EntryClock.objects.filter(journey_id=compiled.journey_id).delete()
    asked = Node.objects.in_bulk({row.node_id for row in old.values()})
    rows = []
    for key, ident in compiled.ids.items():
        node, row = compiled.nodes[ident], old.get(key)
        if row is None or not _asks_the_same(compiled, node, row, asked.get(row.node_id)):
            row = EntryClock(followed_at=now, due_at=next_moment(compiled, node, now))
        if row.due_at is not None or row.reached:
            crowd = node.crowd(now.date())
            row.pk, row.key, row.journey_id, row.version_id = None, key, compiled.journey_id, compiled.version_id
            row.node_id, row.segment_id = ident, crowd.segment_id if crowd else None
            rows.append(row)
    EntryClock.objects.bulk_create(rows)


def _asks_the_same(compiled: Graph, node: Node, row: EntryClock, before: Node | None) -> bool:
    """The same answers in the inspector, and by the same clock."""
    if before is None or (before.kind, before.config()) != (node.kind, node.config()):
        return False
    return bool(row.reached) or row.due_at == next_moment(compiled, node, row.followed_at)


def skip(compiled: Graph, now: datetime) -> None:
    """The journey goes on after a pause: moments that passed meanwhile are left out. What had begun is finished."""
    passed = list(EntryClock.objects.filter(journey_id=compiled.journey_id, due_at__lte=now, reached=0))
    for row in passed:
        row.followed_at, row.due_at = now, next_moment(compiled, compiled.nodes[row.node_id], now)
    EntryClock.objects.bulk_update(passed, ["followed_at", "due_at"])


def stop(journey_id: int) -> None:
    """Nobody comes in by the clock any more."""
    EntryClock.objects.filter(journey_id=journey_id).delete()


@lru_cache(maxsize=256)
def plan(
    node: Node, followed_at: datetime, due_at: datetime, until: datetime, ours: ZoneInfo
) -> tuple[tuple[Turn, ...], datetime | None]:
    """The turns of an entry later than `followed_at`, up to `until`, in order; and when its next one is.

    By our clock a moment that is set stays set. On one day there is one turn, so that another zone of ours makes no
    second one.
    """
    found: dict[tuple[datetime, date], set[str]] = defaultdict(set)
    later: set[datetime] = set()
    for name, zone in (every() | {"": ours} if node.by_their_clock else {"": ours}).items():
        at = node.next_start(followed_at, zone) if node.by_their_clock else due_at
        while at is not None and at <= until:
            day = at.astimezone(zone).date()
            found[at, day].add(name)
            at = node.next_start(on_the_wall(day + timedelta(days=1), MIDNIGHT, zone) - INSTANT, zone)
        later |= {at} if at else set()
    turns = tuple(Turn(at, day, frozenset(names)) for (at, day), names in sorted(found.items()))
    return turns, min(later, default=None)


def next_moment(compiled: Graph, node: Node, after: datetime) -> datetime | None:
    """When an entry calls next, anywhere; None: never again."""
    ours = home(compiled)
    clocks = [*every().values(), ours] if node.by_their_clock else [ours]
    return min((at for zone in clocks if (at := node.next_start(after, zone))), default=None)


def _claim(now: datetime, besides: Sequence[int], claimed: list[int]) -> _Due | None:
    for ident, version, node, at, followed_at, until, reached, before in _rows(
        "claim", {"now": now, "besides": list(besides)}
    ):
        claimed.append(ident)
        compiled = graph.load(version)
        until = until or min(now, at + STRETCH, max(at, before - INSTANT) if before else now)
        return _Due(ident, compiled, compiled.nodes[node], at, followed_at, until, reached)
    return None


def _piece(due: _Due, turns: Sequence[Turn], limit: int) -> tuple[int | None, list[Start]]:
    """How far the next people reach (None: nobody is left), and who of them comes in at which turn, in their order."""
    crowds = {turn: crowd for turn in turns if (crowd := due.node.crowd(turn.day))}
    if not crowds:
        return None, []
    segment = next(iter(crowds.values())).segment_id
    piece: dict[str, Any] = {"segment": segment, "after": due.reached, "limit": limit}
    ((reached, n),) = _rows("end_of_members" if segment else "end_of_people", piece)
    starts = []
    if reached is not None:
        starts = [
            Start(due.compiled, due.node.pk, profile, at, token=f"clock:{due.node.key}:{day.isoformat()}")
            for at, profile, day in sorted(_called(due, crowds, piece | {"until": reached}))
        ]
    return (reached if n == limit else None), starts


def _called(due: _Due, crowds: Mapping[Turn, Crowd], piece: dict[str, Any]) -> Iterator[tuple[datetime, int, date]]:
    """Who of a piece of people lives where an entry calls, and is brought in: when, who, on which day."""
    node, turns, ours = due.node, list(crowds), home(due.compiled)
    whose = [(name, n) for n, turn in enumerate(turns) for name in turn.zones]
    one = crowds[turns[0]]
    bound = piece | {
        "known": list(every()) if node.by_their_clock else [],
        "zones": [name for name, _n in whose],
        "turns": [n for _name, n in whose],
        **_near(one, crowds.values()),
    }
    rows = _rows("members" if one.segment_id else "everybody", bound)
    # Read after the others are held: none of them moves any more.
    lately = _moved(due, piece, one) if node.by_their_clock else {}
    for profile, zone, value, n in rows:
        if profile not in lately and node.calls(value, turns[n].day, own(zone, ours) if node.by_their_clock else ours):
            yield turns[n].at, profile, turns[n].day
    for profile, (value, lived) in lately.items():
        for at, day in moves.callings(node, value, lived, due.followed_at, due.until, ours):
            yield at, profile, day


def _moved(due: _Due, piece: dict[str, Any], crowd: Crowd) -> dict[int, tuple[Any, tuple[moves.Stay, ...]]]:
    """Who of a piece of people has moved to another zone lately: what the entry looks at, and where they have lived."""
    first, days = due.followed_at - 2 * APART, (due.until - due.followed_at + 3 * APART).days
    near = (due.node.crowd(first.date() + timedelta(days=n)) for n in range(days + 1))
    bound = piece | {"since": due.followed_at - APART - GRACE, **_near(crowd, filter(None, near))}
    ours = home(due.compiled)
    return {
        profile: (value, moves.stays(zone, map(Move._make, zip(*told, strict=True)), ours))
        for profile, zone, value, *told in _rows("moved", bound)
    }


def _near(crowd: Crowd, crowds: Iterable[Crowd]) -> dict[str, Any]:
    """What the database is asked about the attribute that an entry looks at."""
    return {
        "path": crowd.path.split("."),
        "near": sorted({day for each in crowds for day in each.near}) if crowd.path else None,
        "from": 6 if crowd.yearly else 1,
        "length": 5 if crowd.yearly else 10,
    }


def _save(due: _Due, followed_at: datetime, due_at: datetime | None, until: datetime | None, reached: int) -> None:
    """On to the next people, or, with nobody left, to the next turn."""
    args: dict[str, Any] = {"id": due.id, "followed": followed_at, "due": due_at, "until": until, "reached": reached}
    with sql.bound() as cursor:
        cursor.execute(SQL["settle"], args)


def _rows(statement: str, args: dict[str, Any]) -> list[tuple[Any, ...]]:
    with sql.bound() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())
