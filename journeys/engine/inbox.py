"""Takes changes of profiles out of the outbox: people come in, those who wait are woken, goals are reached.

Taking and acting are one transaction, so no change is lost and none is handled twice. Waking only makes somebody due:
the node decides again from facts, so a timer and an event can never both win. A change that cannot be handled is set
aside, and tried again later, so that nobody else waits for it.
"""

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from journeys.engine import brakes, goals, late, merging, routes
from journeys.engine.enroll import Start, enroll
from journeys.engine.faults import PASSING
from journeys.engine.leaving import leave
from journeys.engine.merging import Taken
from journeys.engine.routes import Routes
from journeys.engine.told import tell
from journeys.engine.transition import REACHED
from journeys.tally import Bump, bump
from journeys.wakeup import wake_on_commit
from omnichannel.shared import sql
from omnichannel.shared.failpoints import hit
from profiles.segments.calendar import here
from profiles.segments.filters import where_holds
from profiles.segments.values import loads

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "inbox.sql")
BATCH: Final = 2_000
SET_ASIDE: Final = "journeys, set aside"

log = logging.getLogger(__name__)


def take(limit: int, now: datetime) -> int:
    """Handle up to `limit` changes. Gives how many; 0: there are none that nobody else is handling."""
    taken: list[Taken] = []
    try:
        return _handle(limit, now, taken)
    except PASSING:
        raise
    except Exception:
        if not taken:
            raise
        if len(taken) > 1:
            return take(len(taken) // 2, now)
        _set_aside(taken[0])
        return 1


def _set_aside(change: Taken) -> None:
    log.exception("change %s (%s %s) could not be handled", change.id, change.kind, change.key)
    with sql.bound() as cursor:
        cursor.execute(SQL["set_aside"], {"id": change.id, "aside": SET_ASIDE})


def try_again() -> None:
    """What was set aside is in line once more."""
    with sql.bound() as cursor:
        cursor.execute(SQL["try_again"], {"aside": SET_ASIDE})


def _handle(limit: int, now: datetime, taken: list[Taken]) -> int:
    with sql.lazily_committed():
        changes = _take(limit)
        if not changes:
            return 0
        taken += changes
        hit("inbox.taken")
        known, now = routes.current(), here(now)  # days in filters are those of the workspace
        changes = merging.follow(changes, now)
        moved = len(enroll(_starts(changes, known, now), now))
        moved += _convert(changes, known, now)
        leave(changes, known, now)
        moved += _wake(changes, known, now)
        late.notice(changes, known, now)
        if moved:
            wake_on_commit("advance")
        hit("inbox.written")
    hit("inbox.committed")
    return len(changes)


def _take(limit: int) -> list[Taken]:
    with sql.bound() as cursor:
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
    """What brings somebody in at several entries of one journey brings them in once, at the first that admits them."""
    chains = _chains(changes, known)
    return [
        Start(
            graph,
            nodes[0],
            change.profile_id,
            change.at,
            change.event_id,
            change.token,
            change.data,
            chains.get(change.event_id, 0) if change.kind == "event" else _chain(change),
        )
        for change in changes
        if not _is_quiet(change)
        for graph, entries in known.entries.get((change.kind, change.key), ())
        if (nodes := [node for node in entries if graph.nodes[node].admits(change.data, now)])
    ]


def _chain(change: Taken) -> int | None:
    return None if change.kind in brakes.UNKNOWN else brakes.told(change.data.get("chain"))


def _chains(changes: Sequence[Taken], known: Routes) -> dict[int | None, int]:
    """How long the chains of journeys are that end in these events; asked only of those that journeys write down."""
    noted = [c.event_id for c in changes if c.kind == "event" and c.event_id and (c.kind, c.key) in known.circling]
    if not noted:
        return {}
    with sql.bound() as cursor:
        cursor.execute(SQL["chains"], {"events": noted})
        return {ident: brakes.told(chain) for ident, chain in cursor.fetchall()}


def _is_quiet(change: Taken) -> bool:
    """Somebody brought people in and asked that no journey begins by it. Who is inside is woken all the same."""
    reason = str(change.data.get("reason") or "")
    return change.kind != "event" and ("quiet" in change.data or reason.startswith("quiet:"))


def _wake(changes: Sequence[Taken], known: Routes, now: datetime) -> int:
    heard = sorted({(c.profile_id, c.kind, c.key) for c in changes if (c.kind, c.key) in known.listeners})
    woken = _wake_joined({c.profile_id for c in changes if c.kind in ("merged", "unmerged")}, known, now)
    if not heard:
        return woken
    pairs = {(kind, key) for _, kind, key in heard}
    nodes = [(node, *pair) for pair in pairs for node in known.listeners[pair]]
    listening = [(version, *pair) for pair in pairs for version in known.versions[pair]]
    with sql.bound() as cursor:
        cursor.execute(
            SQL["wake"],
            {
                "profile": [profile for profile, _, _ in heard],
                "kind": [kind for _, kind, _ in heard],
                "key": [key for _, _, key in heard],
                "node": [node for node, _, _ in nodes],
                "node_kind": [kind for _, kind, _ in nodes],
                "node_key": [key for _, _, key in nodes],
                "listening": [version for version, _, _ in listening],
                "listening_kind": [kind for _, kind, _ in listening],
                "listening_key": [key for _, _, key in listening],
                "now": now,
            },
        )
        return woken + int(cursor.rowcount)


def _wake_joined(people: Collection[int], known: Routes, now: datetime) -> int:
    """Who is somebody else as well from now on, or no longer: whatever they wait for may have happened."""
    if not people:
        return 0
    nodes = {node for waiting in known.listeners.values() for node in waiting}
    versions = {version for listening in known.versions.values() for version in listening}
    with sql.bound() as cursor:
        cursor.execute(
            SQL["wake_joined"],
            {"people": sorted(people), "nodes": sorted(nodes), "versions": sorted(versions), "now": now},
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
    with sql.bound() as cursor:
        cursor.execute(SQL["convert"], columns | {"now": now, "reason": REACHED})
        rows = cursor.fetchall()
    graphs = {graph.version_id: graph for graphs in known.goals.values() for graph in graphs}
    converted = Counter(version for version, *_ in rows)
    bump([Bump(graphs[v].journey_id, v, graphs[v].home, "converted", n) for v, n in converted.items()], now)
    routes.count_exits(Counter((version, node) for version, left, *_, node in rows if left), now)
    goals.count([row[4] for row in rows], now)
    tell([(profile, journey) for _version, _left, profile, journey, *_ in rows], now)
    return len(rows)
