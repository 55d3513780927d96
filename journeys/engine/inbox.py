"""Takes changes of profiles out of the outbox: people come in, those who wait are woken, goals are reached.

Taking and acting are one transaction, so no change is lost and none is handled twice. Waking only makes somebody due:
the node decides again from facts, so a timer and an event can never both win.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction

from journeys.engine import routes
from journeys.engine.enroll import Start, enroll
from journeys.engine.routes import Routes
from journeys.tally import Bump, bump
from journeys.wakeup import wake_on_commit
from omnichannel.shared import sql
from omnichannel.shared.failpoints import hit
from profiles.segments.filters import where_holds
from profiles.segments.values import loads

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "inbox.sql")
BATCH: Final = 2_000
REACHED: Final = "Reached the goal"
MERGED: Final = "Turned out to be somebody who was inside already"


@dataclass(frozen=True, slots=True)
class Taken:
    """One change."""

    id: int
    profile_id: int
    kind: str
    key: str
    event_id: int | None
    at: datetime
    data: dict[str, Any]

    @property
    def token(self) -> str:
        """What tells this start from another one of the same person."""
        return f"{self.kind}:{self.event_id or self.id}"


def take(limit: int, now: datetime) -> int:
    """Handle up to `limit` changes. Gives how many; 0: there are none that nobody else is handling."""
    with transaction.atomic():
        changes = _take(limit)
        if not changes:
            return 0
        hit("inbox.taken")
        known = routes.current()
        changes = _merge(changes, now)
        moved = enroll(_starts(changes, known, now), now)
        moved += _convert(changes, known, now)
        moved += _wake(changes, known, now)
        if moved:
            wake_on_commit("advance")
        hit("inbox.written")
    hit("inbox.committed")
    return len(changes)


def _take(limit: int) -> list[Taken]:
    with connection.cursor() as cursor:
        cursor.execute(SQL["lock_shards"])
        shards = [row[0] for row in cursor.fetchall()]
        if not shards:
            return []
        cursor.execute(SQL["take"], {"shards": shards, "limit": limit})
        return [
            Taken(ident, profile, kind, key, event, at, loads(data))
            for ident, profile, kind, key, event, at, data in cursor.fetchall()
        ]


def _starts(changes: Sequence[Taken], known: Routes, now: datetime) -> list[Start]:
    return [
        Start(
            graph, node, change.profile_id, change.at, change.event_id, f"{change.kind}:{change.event_id or change.id}"
        )
        for change in changes
        for graph, node in known.entries.get((change.kind, change.key), ())
        if graph.nodes[node].admits(change.data, now)
    ]


def _wake(changes: Sequence[Taken], known: Routes, now: datetime) -> int:
    heard = {(c.profile_id, c.key) for c in changes if c.kind == "event" and c.key in known.listeners}
    if not heard:
        return 0
    names = {name for _, name in heard}
    nodes = [(node, name) for name in names for node in known.listeners[name]]
    listening = [(version, name) for name in names for version in known.versions[name]]
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["wake"],
            {
                "profile": [profile for profile, _ in sorted(heard)],
                "name": [name for _, name in sorted(heard)],
                "node": [node for node, _ in nodes],
                "node_name": [name for _, name in nodes],
                "listening": [version for version, _ in listening],
                "listening_name": [name for _, name in listening],
                "now": now,
            },
        )
        return int(cursor.rowcount)


def _convert(changes: Sequence[Taken], known: Routes, now: datetime) -> int:
    reached = [
        (change.profile_id, graph.version_id, change.at, graph.goal.window, graph.goal.exits, change.event_id)
        for change in changes
        if change.kind == "event"
        for graph in known.goals.get(change.key, ())
        if graph.goal and graph.goal.where is not None and where_holds(graph.goal.where, change.data, now)
    ]
    if not reached:
        return 0
    names = ("profile", "version", "at", "window", "exits", "event")
    columns: dict[str, Any] = {
        name: list(column) for name, column in zip(names, zip(*reached, strict=True), strict=True)
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL["convert"], columns | {"now": now, "reason": REACHED})
        rows = cursor.fetchall()
    graphs = {graph.version_id: graph for graphs in known.goals.values() for graph in graphs}
    counted: Counter[tuple[int, str]] = Counter()
    for version, left in rows:
        counted[version, "converted"] += 1
        counted[version, "exited"] += left
    bump(
        [
            Bump(graphs[version].journey_id, version, graphs[version].home, metric, n)
            for (version, metric), n in counted.items()
            if n
        ],
        now,
    )
    return len(rows)


def _merge(changes: Sequence[Taken], now: datetime) -> list[Taken]:
    """Two profiles proved to be one person: enrollments and messages follow, and so do the other changes taken.

    First whoever still handles changes of the losers ends: the enrollments they write have to follow too.
    """
    pairs: dict[int, int] = {}
    for change in changes:
        if change.kind == "merged":
            loser, survivor = int(change.data["from"]), int(change.data["into"])
            pairs = {a: survivor if b == loser else b for a, b in pairs.items()} | {loser: survivor}
    if not pairs:
        return list(changes)
    args: dict[str, Any] = {"loser": list(pairs), "survivor": list(pairs.values()), "now": now, "reason": MERGED}
    with connection.cursor() as cursor:
        cursor.execute(SQL["hold_shards"], {"profiles": list(pairs)})
        cursor.execute(SQL["merge_exit"], args)
        left = Counter(row[0] for row in cursor.fetchall())
        cursor.execute(SQL["merge_enrollments"], args)
        cursor.execute(SQL["merge_messages"], args)
    routes.count_exits(left, now)
    return [
        Taken(c.id, pairs.get(c.profile_id, c.profile_id), c.kind, c.key, c.event_id, c.at, c.data) for c in changes
    ]
