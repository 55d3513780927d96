"""Erase one person from journeys: counts stay, without a name; contents and addresses go."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection

from journeys.engine import inbox, routes
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "erasure.sql")
REASON: Final = "Was erased"


def erase(profiles: Sequence[int], now: datetime) -> None:
    """In the caller's transaction. Changes of these people that are being handled are waited for."""
    with connection.cursor() as cursor:
        cursor.execute(inbox.SQL["hold_shards"], {"profiles": list(profiles)})
        bound: dict[str, Any] = {"profiles": list(profiles), "now": now, "reason": REASON}
        cursor.execute(SQL["enrollments"], bound)
        enrollments = cursor.fetchall()
        cursor.execute(SQL["steps"], {"enrollments": [row[0] for row in enrollments]})
        cursor.execute(SQL["braked"], bound)
        cursor.execute(SQL["requests"], bound)
        cursor.execute(SQL["messages"], bound)
        cursor.execute(SQL["deliveries"], {"messages": [row[0] for row in cursor.fetchall()]})
    routes.count_exits(Counter((version, node) for _id, version, node, inside in enrollments if inside), now)
