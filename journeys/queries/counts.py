"""The live numbers on the cards: two statements, whatever the size of the journey."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from omnichannel.shared import sql

STATEMENTS = sql.load(Path(__file__).resolve().parent.parent / "sql" / "counts.sql")
PLAIN = (
    *("entered", "left", "late", "goal", "sent", "delivered", "opened", "clicked", "human_opened", "human_clicked"),
    *("bounced", "unsubscribed", "replied", "converted", "started"),
)
FROM_OUTSIDE = ("put_in", "taken_out")
ENDED = ("completed", "exited", "failed")
NEVER_REPLAYED = ("delivered", "replied")  # what nobody knows of messages that were not really sent


def per_card(journey_id: int, now: datetime, number: int | None = None) -> dict[str, dict[str, Any]]:
    """Numbers by the key of the card; of one version where `number` is given, else of all."""
    nodes: dict[str, dict[str, Any]] = {}
    bound = {"journey": journey_id, "number": number, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS["per_card"], bound)
        for key, metric, count in cursor.fetchall():
            _add(nodes.setdefault(key, _nothing()), metric, count)
        cursor.execute(STATEMENTS["waiting"], bound)
        for key, next_at, overdue in cursor.fetchall():
            row = nodes.setdefault(key, _nothing())
            row["next_in_seconds"] = (next_at - now).total_seconds() if next_at else None
            row["overdue"] = overdue
    for row in nodes.values():
        row["inside"] = max(0, row["entered"] + row["put_in"] - row["left"] - row["taken_out"])
    return nodes


def of_metrics(metrics: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, Any]]:
    """The same from sums by card and metric that are at hand."""
    nodes: dict[str, dict[str, Any]] = {}
    for key, numbers in metrics.items():
        row = nodes.setdefault(key, _nothing())
        for metric, count in numbers.items():
            _add(row, metric, count)
        row["inside"] = max(0, row["entered"] - row["left"])
    return nodes


def whole(nodes: dict[str, dict[str, Any]]) -> dict[str, int]:
    """The numbers of the whole journey, from those of its cards."""
    names = ("started", "converted", "inside", "overdue", *ENDED, "sent", "opened", "clicked", "skipped")
    return {name: sum(row[name] for row in nodes.values()) for name in names}


def answer(nodes: dict[str, dict[str, Any]], untracked: Sequence[str] = ()) -> dict[str, Any]:
    """What the canvas is told; `untracked`: what cannot be known at all, beside what a channel does not tell."""
    return {"nodes": nodes, "whole": whole(nodes), "untracked": list(untracked)}


def _nothing() -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys((*PLAIN, *ENDED, *FROM_OUTSIDE, "inside", "skipped", "overdue"), 0)
    return row | {"ports": {}, "skips": {}, "next_in_seconds": None}


def _add(row: dict[str, Any], metric: str, count: int) -> None:
    name, _, detail = metric.partition(":")
    if name == "port":
        row["ports"][detail] = row["ports"].get(detail, 0) + count
    elif name == "skipped":
        row["skipped"] += count
        row["skips"][detail] = row["skips"].get(detail, 0) + count
    elif name in row:
        row[name] += count
