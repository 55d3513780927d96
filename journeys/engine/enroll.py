"""Brings people in: one statement for a batch, and the same start twice is one enrollment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import connection

from journeys.engine.graph import Graph
from journeys.engine.told import tell
from journeys.engine.transition import settle
from journeys.models import Version
from journeys.tally import Bump, bump
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "enroll.sql")


@dataclass(frozen=True, slots=True)
class Start:
    """One person is to come in at one entry node. `token` tells two starts of one person apart."""

    graph: Graph
    node_id: int
    profile_id: int
    at: datetime
    event_id: int | None = None
    token: str = ""

    @property
    def entry_key(self) -> str:
        """Empty, so that one run at a time is possible; with "every time" each start has its own."""
        return self.token if self.graph.reentry == Version.Reentry.ALWAYS else ""


def enroll(starts: Sequence[Start], now: datetime) -> int:
    """Enroll those whom the re-entry rule lets in, due at once. Gives how many came in."""
    if not starts:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["enroll"],
            {
                "journey": [one.graph.journey_id for one in starts],
                "version": [one.graph.version_id for one in starts],
                "node": [one.node_id for one in starts],
                "profile": [one.profile_id for one in starts],
                "entered": [settle(one.at, now) for one in starts],
                "event": [one.event_id for one in starts],
                "entry_key": [one.entry_key for one in starts],
                "once": [one.graph.reentry == Version.Reentry.ONCE for one in starts],
                "now": now,
            },
        )
        rows = cursor.fetchall()
    came_in = Counter(row[:3] for row in rows)
    bumps = []
    for (journey, version, node), n in came_in.items():
        home = next(one.graph.home for one in starts if one.graph.version_id == version)
        bumps += [Bump(journey, version, node, "entered", n), Bump(journey, version, home, "started", n)]
    bump(bumps, now)
    tell([(profile, journey) for journey, _version, _node, profile in rows], now)
    return came_in.total()
