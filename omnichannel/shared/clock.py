"""The one clock. Everything that needs the time asks here once and passes it down, into SQL too.

On the sandbox the time machine moves the product's time forward: an offset, kept in the database, added to the
machine's time. Processes see a move within `REFRESH` seconds. In production there is no offset and no query.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import connection

REFRESH: Final = 0.25

_offset = timedelta(0)
_read_at = -1.0
_frozen: datetime | None = None


def now() -> datetime:
    """The product's time, aware, in UTC."""
    if _frozen is not None:
        return _frozen
    return datetime.now(UTC) + offset()


def offset() -> timedelta:
    """How far the time machine has moved; always zero outside the sandbox."""
    global _offset, _read_at
    if not settings.SANDBOX:
        return timedelta(0)
    if time.monotonic() - _read_at > REFRESH:
        with connection.cursor() as cursor:
            cursor.execute("SELECT seconds FROM shared_clockoffset WHERE id = 1")
            row = cursor.fetchone()
        _offset = timedelta(seconds=row[0]) if row else timedelta(0)
        _read_at = time.monotonic()
    return _offset


def travel(by: timedelta) -> datetime:
    """Move the product's time forward by `by` for every process. Sandbox only; time never runs back."""
    global _read_at
    if not settings.SANDBOX:
        raise PermissionError("The time machine works on the sandbox only.")
    if by < timedelta(0):
        raise ValueError("The time machine only moves forward.")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO shared_clockoffset (id, seconds) VALUES (1, %(s)s)"
            " ON CONFLICT (id) DO UPDATE SET seconds = shared_clockoffset.seconds + %(s)s",
            {"s": by.total_seconds()},
        )
    _read_at = -1.0
    return now()


def freeze(at: datetime | None) -> None:
    """Hold this process's clock at `at`, for tests and virtual walks; None lets it run again."""
    global _frozen
    _frozen = at
