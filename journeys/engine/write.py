"""Writes back what a batch of walks has done: a constant number of statements, in the runner's transaction."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from journeys.contracts.outcomes import CallWebhook
from journeys.engine import goals
from journeys.engine.effects import perform
from journeys.engine.graph import Graph
from journeys.engine.kept import keep
from journeys.engine.told import tell
from journeys.engine.transition import ACTIVE, COMPLETED, EXITED, FAILED, Asked, Passed, Results, Walk
from journeys.tally import Bump, bump
from journeys.wakeup import wake_on_commit
from omnichannel.shared import copying, sql
from profiles.ingest import update_attributes

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "runner.sql")
ENDED: Final = {COMPLETED: "completed", EXITED: "exited", FAILED: "failed"}
encode = msgspec.json.encode


def effects(graph: Graph, results: Results, now: datetime) -> None:
    """What later nodes may already ask about: messages, attributes, and what else people did by coming through."""
    if results.messages:
        _messages(graph, results, now)
        wake_on_commit("send")
    if results.updates:
        update_attributes(results.updates, now, source=f"journey:{graph.journey_id}")
    if results.questions:
        _questions(graph, results.questions, now)
    if results.acts:
        results.reached |= perform(graph, results.acts, now)


def _messages(graph: Graph, results: Results, now: datetime) -> None:
    queued = results.messages
    with sql.bound() as cursor:
        cursor.execute(
            SQL["write_messages"],
            {
                "journey": graph.journey_id,
                "version": graph.version_id,
                "now": now,
                "enrollment": sql.array([one.walk.enrollment_id for one in queued]),
                "node": sql.array([one.node_id for one in queued]),
                "visit": sql.array([one.visit for one in queued]),
                "profile": sql.array([one.walk.profile_id for one in queued]),
                "template": sql.array([one.send.template_id for one in queued]),
                "channel": sql.array([one.send.channel for one in queued]),
                "topic": sql.array([one.send.topic_id or graph.topic_id for one in queued]),
                "trigger": sql.array([one.walk.trigger_event_id for one in queued]),
            },
        )


def _questions(graph: Graph, asked: Sequence[Asked], now: datetime) -> None:
    """A question that was asked already stays as it is."""
    called = [isinstance(one.ask.request, CallWebhook) for one in asked]
    with sql.bound() as cursor:
        cursor.execute(
            SQL["write_requests"],
            {
                "journey": graph.journey_id,
                "now": now,
                "kind": ["webhook" if webhook else "task" for webhook in called],
                "name": [one.ask.name for one in asked],
                "enrollment": [one.walk.enrollment_id for one in asked],
                "node": [one.node_id for one in asked],
                "key": [graph.nodes[one.node_id].key for one in asked],
                "visit": [one.visit for one in asked],
                "profile": [one.walk.profile_id for one in asked],
                "trigger": [one.walk.trigger_event_id for one in asked],
                "due": [now if webhook else one.ask.until for one, webhook in zip(asked, called, strict=True)],
                "assignee": [getattr(one.ask.request, "assignee_id", None) for one in asked],
            },
        )
    if any(called):
        wake_on_commit("call")


def walks(graph: Graph, people: Sequence[Walk], results: Results, now: datetime) -> None:
    """Where everybody stands now, the steps they took, and the counts."""
    reasons = {reason: n for n, reason in enumerate(dict.fromkeys(walk.reason for walk in people), start=1)}
    with sql.bound() as cursor:
        cursor.execute(
            SQL["write_enrollments"],
            {
                "id": sql.array([walk.enrollment_id for walk in people]),
                "node": sql.array([walk.node_id for walk in people]),
                "visit": sql.array([walk.visit for walk in people]),
                "state": sql.array([walk.state for walk in people]),
                "due": sql.array([walk.due_at for walk in people]),
                "node_entered": sql.array([walk.node_entered_at for walk in people]),
                "ended": sql.array([walk.ended_at for walk in people]),
                "reason": sql.array([reasons[walk.reason] for walk in people]),
                "reasons": list(reasons),
            },
        )
    if results.steps:
        sql.copy(SQL["copy_steps"], "".join(_line(step) for step in results.steps).encode())
    bump(_counts(graph, people, results), now)
    goals.count(sorted(results.reached), now)
    tell([(walk.profile_id, graph.journey_id) for walk in people if walk.state != ACTIVE], now)


def _line(one: Passed) -> str:
    """A step as COPY wants it. Ports and outcomes are plain words; only facts may need escaping."""
    kept = keep(one.facts) if one.facts else None
    facts = encode(kept).decode().replace("\\", "\\\\") if kept else r"\N"
    walk = one.walk
    return (
        f"{walk.enrollment_id}\t{walk.profile_id}\t{one.node_id}\t{one.visit}\t{copying.moment(one.entered_at)}"
        f"\t{copying.moment(one.left_at)}\t{one.port}\t{one.outcome}\t{facts}\n"
    )


def _counts(graph: Graph, people: Sequence[Walk], results: Results) -> list[Bump]:
    counted: Counter[tuple[int, str, str]] = Counter()
    for step in results.steps:
        counted[step.node_id, "left", ""] += 1
        if step.port:
            counted[step.node_id, f"port:{step.port}", ""] += 1
            target = graph.lines.get((step.node_id, step.port))
            if target is not None:
                counted[target, "entered", ""] += 1
    for one in results.messages:
        counted[one.node_id, "queued", one.send.channel] += 1
    for walk in people:
        if walk.state != ACTIVE:
            counted[graph.home, ENDED[walk.state], ""] += 1
    return [
        Bump(graph.journey_id, graph.version_id, node, metric, n, channel)
        for (node, metric, channel), n in counted.items()
    ]
