"""Notes what comes true only after a branch was taken the other way, and cancels what that way has not sent yet.

What is to be cancelled is written down for the steps that would still send: the delivery asks at the last moment, so
that a message which waits, is deferred or is made only tomorrow is stopped all the same.
"""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from journeys.engine import graph
from journeys.engine.merging import Taken
from journeys.engine.routes import Routes
from journeys.tally import Bump, bump
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "late.sql")


def notice(changes: Sequence[Taken], known: Routes, now: datetime) -> int:
    """How many branches turned out to have gone the other way. In the inbox's transaction, after it has waited for
    whoever moves these people: a branch that is being taken at this moment has been written by then.
    """
    told = [
        (change.data["message"], change.kind, change.key, change.at, bool(change.data.get("machine")))
        for change in changes
        if (change.kind, change.key) in known.regrets and isinstance(change.data.get("message"), int)
    ]
    if not told:
        return 0
    branches = [
        (point.node_id, *pair, point.send_key, point.port, point.by_people, json.dumps(point.cancels))
        for pair in {(kind, key) for _, kind, key, *_ in told}
        for point in known.regrets[pair]
    ]
    names = ("message", "kind", "key", "at", "machine")
    columns = ("node", "node_kind", "node_key", "send_key", "port", "by_people", "cancels")
    bound: dict[str, Any] = {n: list(c) for n, c in zip(names, zip(*told, strict=True), strict=True)}
    bound |= {n: list(c) for n, c in zip(columns, zip(*branches, strict=True), strict=True)}
    with sql.bound() as cursor:
        cursor.execute(SQL["late"], bound)
        counted = Counter(cursor.fetchall())
    journeys = {version: graph.load(version).journey_id for version, _node in counted}
    bump([Bump(journeys[version], version, node, "late", n) for (version, node), n in counted.items()], now)
    return counted.total()
