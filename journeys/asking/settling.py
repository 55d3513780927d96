"""Writes down what came back to requests, and wakes those who wait for it: in one transaction, once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from journeys.models import Request
from journeys.wakeup import wake_on_commit
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "asking.sql")


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one request. `attempts`: as the writer knows it."""

    id: int
    enrollment_id: int
    attempts: int
    state: Request.State
    result: str = ""
    status: int | None = None
    answer: Any = None
    error: str = ""
    due_at: datetime | None = None
    by: int | None = None

    def but(self, **changed: Any) -> "Settled":
        """The same with other values."""
        return replace(self, **changed)


def settle(batch: Sequence[Settled], now: datetime) -> set[int]:
    """Gives the requests that were settled; the others were settled by somebody else meanwhile."""
    if not batch:
        return set()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["hold_enrollments"], {"enrollments": [one.enrollment_id for one in batch]})
        cursor.execute(
            SQL["settle"],
            {
                "now": now,
                "ids": [one.id for one in batch],
                "attempts": [one.attempts for one in batch],
                "states": [str(one.state) for one in batch],
                "dues": [one.due_at for one in batch],
                "statuses": [one.status for one in batch],
                "answers": [None if one.answer is None else msgspec.json.encode(one.answer).decode() for one in batch],
                "errors": [one.error.replace("\0", "")[:500] for one in batch],
                "results": [one.result for one in batch],
                "by": [one.by for one in batch],
            },
        )
        done = {row[0] for row in cursor.fetchall()}
        wake_on_commit("advance")
    return done
