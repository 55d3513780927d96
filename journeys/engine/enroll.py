"""Brings people in: one statement for a batch, and the same start twice is one enrollment."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from journeys.engine.brakes import HOT, MOST
from journeys.engine.graph import Graph
from journeys.engine.told import tell
from journeys.engine.transition import settle
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
    properties: Mapping[str, Any] = field(default_factory=dict)
    chain: int | None = 0  # see journeys.engine.brakes; None: counted from the entries that there are

    @property
    def entry_key(self) -> str:
        """Empty where one run at a time is possible."""
        return self.graph.rules.entry_key(self.properties, self.token)


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who came in."""

    journey_id: int
    version_id: int
    node_id: int
    profile_id: int
    enrollment_id: int
    entry_key: str


def enroll(starts: Sequence[Start], now: datetime) -> list[Entered]:
    """Enroll those whom the rules let in, due at once. Earlier starts go first where not all may come."""
    if not starts:
        return []
    with sql.bound() as cursor:
        cursor.execute(SQL["enroll"], _columns(starts, now) | {"room": sql.array(_room(starts))})
        rows = [Entered(*row) for row in cursor.fetchall()]
    homes = {one.graph.version_id: one.graph.home for one in starts}
    bumps = []
    for (journey, version, node), n in Counter((e.journey_id, e.version_id, e.node_id) for e in rows).items():
        bumps += [Bump(journey, version, node, "entered", n), Bump(journey, version, homes[version], "started", n)]
    bump(bumps, now)
    tell([(one.profile_id, one.journey_id) for one in rows], now)
    return rows


def _columns(starts: Sequence[Start], now: datetime) -> dict[str, Any]:
    rules = [one.graph.rules for one in starts]
    return {
        "journey": sql.array([one.graph.journey_id for one in starts]),
        "version": sql.array([one.graph.version_id for one in starts]),
        "node": sql.array([one.node_id for one in starts]),
        "profile": sql.array([one.profile_id for one in starts]),
        "entered": sql.array([settle(one.at, now) for one in starts]),
        "event": sql.array([one.event_id for one in starts]),
        "entry_key": [one.entry_key for one in starts],
        "keyed": sql.array([one.keyed for one in rules]),
        "ever": sql.array([one.ever for one in rules]),
        "person": sql.array([one.person for one in rules]),
        "since": sql.array([one.since(now) for one in rules]),
        "chain": sql.array([one.chain for one in starts]),
        "longest": MOST,
        "hot": now - HOT,
        "now": now,
    }


def _room(starts: Sequence[Start]) -> list[int | None]:
    """How many more may come into the journey of each start; None: as many as like.

    Journeys with a limit are held until the transaction ends: inbox, clock and API let people in beside each other.
    """
    graphs = {one.graph.version_id: one.graph for one in starts}.values()
    totals = {one.journey_id: one.rules.total for one in graphs if one.rules.total is not None}
    limited = sorted(totals.keys() | {one.journey_id for one in graphs if one.rules.person is not None})
    if not limited:
        return [None] * len(starts)
    with sql.bound() as cursor:
        cursor.execute(SQL["hold_limited"], {"journeys": limited})
        cursor.execute(SQL["came"], {"journeys": list(totals)})
        came: dict[int, int] = dict(cursor.fetchall())
    left = {journey: max(0, total - came.get(journey, 0)) for journey, total in totals.items()}
    return [left.get(one.graph.journey_id) for one in starts]
