"""Keep the tallies short: every batch appends rows, this merges those of one counter and quarter of an hour."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import connection

from omnichannel.shared import sql

STATEMENTS: Final = sql.load(Path(__file__).parent.parent / "sql" / "reports.sql")
# What is current is still written to; leaving the last hour alone keeps writers and this apart.
QUIET: Final = timedelta(hours=1)


def compact_tallies(now: datetime) -> int:
    """Merge the tallies of what is over. Returns how many rows took the place of more."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS["compact"], {"until": now - QUIET})
        return cursor.rowcount
