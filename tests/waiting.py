"""Whether a lock is waited for: how tests know that somebody else has come to where they are held."""

from django.db import connection


def somebody_waits() -> bool:
    """In this database; tests of other workers have theirs on the same server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # in a transaction, what was seen first is seen for good
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])
