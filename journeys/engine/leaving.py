"""Takes people out of whole journeys by the rules of their versions, wherever they stand, also while they wait."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from journeys.engine import routes
from journeys.engine.exits import EVERY, ExitRule
from journeys.engine.merging import Taken
from journeys.engine.routes import Routes
from journeys.engine.told import tell
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "inbox.sql")


def leave(changes: Sequence[Taken], known: Routes, now: datetime) -> None:
    """In the inbox's transaction. What brought somebody in takes nobody out."""
    leaving = [
        (change, version, rule)
        for change in changes
        for key in (change.key, EVERY)
        for version, rule in known.exits.get((change.kind, key), ())
        if rule.holds(change.data, now)
    ]
    if any(rule.silent for _change, _version, rule in leaving):
        leaving = _silent(leaving)
    if leaving:
        _write(leaving, now)


def _silent(leaving: Sequence[tuple[Taken, int, ExitRule]]) -> list[tuple[Taken, int, ExitRule]]:
    """Without those whom a rule asks about who still want to hear of some topic."""
    bound: dict[str, Any] = {
        "profiles": [change.profile_id for change, _version, _rule in leaving],
        "channels": [str(change.data.get("channel") or "") for change, _version, _rule in leaving],
    }
    with sql.bound() as cursor:
        cursor.execute(SQL["silent"], bound)
        silent = {row[0] - 1 for row in cursor.fetchall()}
    return [one for n, one in enumerate(leaving) if not one[2].silent or n in silent]


def _write(leaving: Sequence[tuple[Taken, int, ExitRule]], now: datetime) -> None:
    bound: dict[str, Any] = {
        "profile": [change.profile_id for change, _version, _rule in leaving],
        "version": [version for _change, version, _rule in leaving],
        "at": [change.at for change, _version, _rule in leaving],
        "event": [change.event_id for change, _version, _rule in leaving],
        "reason": [rule.reason for _change, _version, rule in leaving],
        "now": now,
    }
    with sql.bound() as cursor:
        cursor.execute(SQL["leave"], bound)
        rows = cursor.fetchall()
    routes.count_exits(Counter((version, node) for version, node, _profile, _journey in rows), now)
    tell([(profile, journey) for *_at, profile, journey in rows], now)
