"""Writes down what came back to requests, and wakes those who wait for it: in one transaction, once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from journeys.models import Request
from journeys.wakeup import wake_on_commit
from omnichannel.shared import sql

ATTEMPTS: Final = 5
PAUSE: Final = 0.1  # seconds, longer each time: whoever waited for us comes first, else both meet again
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
    for attempt in range(ATTEMPTS):
        try:
            return _settle(batch, now)
        except OperationalError as error:
            # The inbox may hold the same people in another order. What was answered is not to be asked once more.
            again = isinstance(error.__cause__, DeadlockDetected) and attempt < ATTEMPTS - 1
            if not again or connection.in_atomic_block:
                raise
            time.sleep(PAUSE * (attempt + 1))
    raise AssertionError("unreachable")


def _settle(batch: Sequence[Settled], now: datetime) -> set[int]:
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
