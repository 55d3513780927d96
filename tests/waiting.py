"""What others do in the database: how tests know that somebody has come to where they are held, or is gone."""

from django.db import connection


def somebody_waits() -> bool:
    """In this database; tests of other workers have theirs on the same server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # in a transaction, what was seen first is seen for good
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def sessions(name: str) -> int:
    """How many connections of that name there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [name])
        return int(cursor.fetchone()[0])
