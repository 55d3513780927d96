"""Brings people in by the clock: at set times, and on dates that are known of them.

Each entry of a live journey has a row that says up to which moment the clock has been followed. People come in piece by
piece in the order of their number, and the row moves with each piece in one transaction: a tick that is late, lost or
doubled, and a worker that is killed, neither lose nor double anybody. However late it is, no moment is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from journeys.contracts.crowd import Crowd
from journeys.engine import graph
from journeys.engine.enroll import Start, enroll
from journeys.engine.graph import Graph
from journeys.engine.zones import every, home, own
from journeys.models import EntryClock, Node
from journeys.wakeup import wake_on_commit
from omnichannel.shared import sql
from omnichannel.shared.failpoints import hit

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "clocks.sql")
PIECE: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Due:
    """An entry whose moment has come. `reached`: who was asked last; 0: nobody yet."""

    id: int
    compiled: Graph
    node: Node
    at: datetime
    followed_at: datetime
    reached: int


def follow(now: datetime, limit: int = PIECE) -> int:
    """Ask the next piece of people for the entry that waits longest. 0: none waits that nobody else is at."""
    with transaction.atomic():
        due = _claim(now)
        if due is None:
            return 0
        hit("clocks.claimed")
        days = moments(due.node, due.followed_at, home(due.compiled))
        if due.at in days:
            until, starts = _piece(due, days[due.at], limit)
            if enroll(starts, now):
                wake_on_commit("advance")
            _settle(due, until)
        else:  # our zone is another now
            _save(due, due.followed_at, min(days, default=None), 0)
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
    return row.due_at is None or row.due_at in moments(node, row.followed_at, home(compiled))


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
def moments(node: Node, after: datetime, home: ZoneInfo) -> dict[datetime, dict[date, frozenset[str]]]:
    """The next moments of an entry later than `after`, one for each clock that counts: the days that it is then, and
    the zones in which it is that day. The empty name stands for our own zone.
    """
    found: dict[datetime, dict[date, set[str]]] = {}
    for name, zone in (every() | {"": home} if node.by_their_clock else {"": home}).items():
        if at := node.next_start(after, zone):
            found.setdefault(at, {}).setdefault(at.astimezone(zone).date(), set()).add(name)
    return {at: {day: frozenset(names) for day, names in days.items()} for at, days in found.items()}


def next_moment(compiled: Graph, node: Node, after: datetime) -> datetime | None:
    """When an entry calls next, anywhere; None: never again."""
    return min(moments(node, after, home(compiled)), default=None)


def _claim(now: datetime) -> _Due | None:
    for ident, version, node, at, followed_at, reached in _rows("claim", {"now": now}):
        compiled = graph.load(version)
        return _Due(ident, compiled, compiled.nodes[node], at, followed_at, reached)
    return None


def _piece(due: _Due, days: dict[date, frozenset[str]], limit: int) -> tuple[int | None, list[Start]]:
    """How far the next people reach (None: nobody is left), and who of them comes in."""
    crowds = [(day, names, crowd) for day, names in days.items() if (crowd := due.node.crowd(day))]
    if not crowds:
        return None, []
    segment = crowds[0][2].segment_id
    piece: dict[str, Any] = {"segment": segment, "after": due.reached, "limit": limit}
    ((until,),) = _rows("end_of_members" if segment else "end_of_people", piece)
    starts = []
    if until is not None:
        for day, names, crowd in crowds:
            token = f"clock:{due.node.key}:{day.isoformat()}"
            called = _called(due, day, names, crowd, piece | {"until": until})
            starts += [Start(due.compiled, due.node.pk, profile, due.at, token=token) for profile in called]
    return until, starts


def _called(due: _Due, day: date, names: frozenset[str], crowd: Crowd, piece: dict[str, Any]) -> Iterator[int]:
    """Who of a piece of people lives where it is this day, and is brought in."""
    node = due.node
    bound = {
        "everywhere": not node.by_their_clock,
        "zones": sorted(names - {""}),
        "ours": "" in names,
        "known": list(every()),
        "path": crowd.path.split("."),
        "near": list(crowd.near) if crowd.path else None,
        "from": 6 if crowd.yearly else 1,
        "length": 5 if crowd.yearly else 10,
    }
    ours = home(due.compiled)
    for profile, zone, value in _rows("members" if crowd.segment_id else "everybody", piece | bound):
        theirs = own(zone, ours) if node.by_their_clock else ours
        if node.calls(value, day, theirs):
            yield profile


def _settle(due: _Due, until: int | None) -> None:
    """On to the next people, or, with nobody left, to the next moment."""
    if until is None:
        _save(due, due.at, next_moment(due.compiled, due.node, due.at), 0)
    else:
        _save(due, due.followed_at, due.at, until)


def _save(due: _Due, followed_at: datetime, due_at: datetime | None, reached: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SQL["settle"], {"id": due.id, "followed": followed_at, "due": due_at, "reached": reached})


def _rows(statement: str, args: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())
