"""The sweep: finds work that a lost wake-up or a killed worker left. The database knows; nothing else is asked."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import connection

from journeys.delivery.recover import recover
from journeys.wakeup import wake
from omnichannel.shared import sql
from profiles.services import changes

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "recovery.sql")


def sweep(now: datetime) -> None:
    """Wake whatever has something to do. A transaction that died has left its rows as they were before it."""
    recover(now)
    with connection.cursor() as cursor:
        cursor.execute(SQL["pending"], {"now": now})
        inbox, enter, advance, send, call = cursor.fetchone()
    if inbox:
        wake("inbox")
    if enter:
        wake("enter")
    if advance:
        wake("advance")
    if send:
        wake("send")
    if call:
        wake("call")


def overdue(now: datetime, by: timedelta) -> dict[int, int]:
    """People whose time passed more than `by` ago and who have not moved, {journey id: how many}."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["overdue"], {"before": now - by})
        return dict(cursor.fetchall())


def retire(now: datetime) -> int:
    """Versions that are empty and replaced stop listening. Gives how many."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["quiet_versions"], {"now": now})
        versions = [row[0] for row in cursor.fetchall()]
    for version in versions:
        changes.withdraw("journeys", f"version:{version}")
    return len(versions)
