"""Moves people: claim those who are due, load facts, let each walk in memory, write everything back, commit.

A batch is one transaction with a constant number of statements, so effect and state can never part. A node that
raises fails its one person; a batch that fails is retried in halves until the one is found. What nobody thought of and
fails for everybody is a fault of ours: they stay where they are until it is mended, and nobody else waits for them.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from journeys.contracts.outcomes import Fail, Outcome
from journeys.contracts.step import Attributes, Need, Step
from journeys.engine import facts, graph, write, zones
from journeys.engine.faults import PASSING, SPOILT
from journeys.engine.graph import Graph
from journeys.engine.transition import NOTHING, Results, Walk, apply
from journeys.tally import Bump, bump
from omnichannel.shared import sql
from omnichannel.shared.failpoints import InjectedError, hit
from profiles.segments.calendar import here

log = logging.getLogger(__name__)

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "runner.sql")
BATCH: Final = 2_000
ATTRIBUTES: Final = Attributes()


def advance(now: datetime, limit: int = BATCH) -> int:
    """One batch for every version with somebody due. Gives the number of people moved; 0: nobody is due."""
    now = here(now)  # days in conditions are those of the workspace
    with sql.bound() as cursor:
        cursor.execute(SQL["due_versions"], {"now": now})
        versions = [row[0] for row in cursor.fetchall()]
    return sum(_apart(version, now, limit) for version in versions)


def _apart(version_id: int, now: datetime, limit: int) -> int:
    """One version's fault must not hold up the others."""
    try:
        return advance_version(version_id, now, limit)
    except PASSING:
        raise
    except Exception:
        log.exception("version %s could not be advanced", version_id)
        return 0


def advance_version(version_id: int, now: datetime, limit: int = BATCH) -> int:
    """One batch of one version."""
    compiled = graph.load(version_id)
    claimed: list[int] = []
    try:
        return _batch(compiled, "claim", {"version": version_id, "now": now, "limit": limit}, now, claimed)
    except PASSING:
        raise
    except Exception as error:
        failing: dict[int, Exception] = {}
        moved = _halves(compiled, claimed, now, error, failing)
        if not failing or not (moved or all(isinstance(each, SPOILT) for each in failing.values())):
            raise
        for ident, each in failing.items():
            _fail(compiled, ident, now, each)
        return moved + len(failing)


def _halves(compiled: Graph, ids: Sequence[int], now: datetime, error: Exception, failing: dict[int, Exception]) -> int:
    """The batch failed as a whole: find the people it fails for, and move the others."""
    if len(ids) <= 1:
        failing |= dict.fromkeys(ids, error)
        return 0
    moved = 0
    for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
        args = {"version": compiled.version_id, "now": now, "ids": list(half)}
        try:
            moved += _batch(compiled, "claim_some", args, now, [])
        except PASSING:
            raise
        except Exception as next_error:
            moved += _halves(compiled, half, now, next_error, failing)
    return moved


def _fail(compiled: Graph, ident: int, now: datetime, error: Exception) -> None:
    log.error("enrollment %s failed", ident, exc_info=error)
    with transaction.atomic(), sql.bound() as cursor:
        cursor.execute(SQL["fail_one"], {"id": ident, "reason": f"This could not be stored: {error}"[:500], "now": now})
        at = (compiled.journey_id, compiled.version_id)
        for (node,) in cursor.fetchall():
            bump([Bump(*at, compiled.home, "failed"), Bump(*at, node, "taken_out")], now)


def _batch(compiled: Graph, statement: str, args: Mapping[str, Any], now: datetime, claimed: list[int]) -> int:
    with sql.lazily_committed():
        with sql.bound() as cursor:
            cursor.execute(SQL[statement], args)
            rows = cursor.fetchall()
            claimed.extend(row[0] for row in rows)
            hit("runner.claimed")
            if rows:
                cursor.execute(SQL["merged"], {"profiles": [row[1] for row in rows]})
                elsewhere = {row[0] for row in cursor.fetchall()}
                walks = [
                    Walk(ident, profile, node, visit, entered_at, node_entered_at, event, now, chain=chain)
                    for ident, profile, node, visit, entered_at, node_entered_at, event, chain in rows
                    if profile not in elsewhere
                ]
        if not rows:
            return 0
        walk_all(compiled, walks, now)
        hit("runner.written")
    hit("runner.committed")
    return len(walks)


def walk_all(compiled: Graph, walks: Sequence[Walk], now: datetime) -> None:
    """Let everybody walk until they wait or end, and write it down.

    In waves: a walk stops before a node that needs facts, so that the facts of all are loaded together and show what
    earlier nodes have done.
    """
    done, home = Results(), zones.walking(compiled)
    standing = walks
    while standing:
        loaded = facts.load(compiled, standing, now)
        hit("runner.loaded")
        wave = Results()
        standing = [
            walk
            for walk, known in zip(standing, loaded, strict=True)
            if not _walk(compiled, walk, known, home, now, wave)
        ]
        write.effects(compiled, wave, now)
        hit("runner.effects_written")
        done.steps += wave.steps
        done.messages += wave.messages
        done.reached |= wave.reached
    write.walks(compiled, walks, done, now)


def _walk(compiled: Graph, walk: Walk, known: Mapping[Need, Any], home: ZoneInfo, now: datetime, into: Results) -> bool:
    """Walk one person on. False: they stand before a node whose facts are not loaded."""
    while True:
        node = compiled.nodes[walk.node_id]
        step = Step(
            walk.enrollment_id,
            walk.profile_id,
            node.key,
            walk.visit,
            now,
            walk.node_entered_at,
            walk.entered_at,
            zones.counted(node, known[ATTRIBUTES], home) if ATTRIBUTES in known else home,
            known,
        )
        apply(walk, decide(node, step), compiled.lines, now, into, known)
        if walk.resting:
            return True
        known = NOTHING
        if compiled.needs[walk.node_id]:
            return False


def decide(node: Any, step: Step) -> Outcome:
    """Ask the node. One that raises fails this person alone."""
    try:
        outcome: Outcome = node.run(step)
    except InjectedError:
        raise
    except Exception as error:
        log.exception("node %s of kind %s failed for enrollment %s", step.node_key, node.kind, step.enrollment_id)
        return Fail(f"The step “{node.name or node.label}” could not decide: {error!r}"[:500])
    return outcome
