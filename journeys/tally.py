"""Counters for canvas and reports: added per batch, summed on reading. Below engine and delivery, which both count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from omnichannel.shared import sql

SQL = sql.load(Path(__file__).parent / "sql" / "tally.sql")


@dataclass(frozen=True, slots=True)
class Bump:
    """`count` more of `metric` at a node. The metrics are listed at `journeys.models.Tally`."""

    journey_id: int
    version_id: int
    node_id: int
    metric: str
    count: int = 1
    channel: str = ""


def bump(rows: Sequence[Bump], now: datetime) -> None:
    """Add to the counters of this quarter of an hour, in the caller's transaction, in one statement. Rows may
    repeat."""
    if not rows:
        return
    with sql.bound() as cursor:
        cursor.execute(
            SQL["bump"],
            {
                "journey": [row.journey_id for row in rows],
                "version": [row.version_id for row in rows],
                "node": [row.node_id for row in rows],
                "channel": [row.channel for row in rows],
                "metric": [row.metric for row in rows],
                "count": [row.count for row in rows],
                "quarter": now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0),
            },
        )
