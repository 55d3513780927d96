"""Keep the tallies short: every batch appends rows, this merges those of one counter and quarter of an hour, and later
those of one day.
"""

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Final

from django.db import connection

from omnichannel.accounts.models import Workspace
from omnichannel.shared import sql

STATEMENTS: Final = sql.load(Path(__file__).parent.parent / "sql" / "reports.sql")
# What is current is still written to; leaving the last hour alone keeps writers and this apart.
QUIET: Final = timedelta(hours=1)
BY_QUARTERS: Final = timedelta(days=8)  # so long the quarters of an hour are kept apart


def compact_tallies(now: datetime) -> int:
    """Merge the tallies of what is over. Returns how many rows took the place of more."""
    zone = Workspace.get().zone
    before = datetime.combine((now - BY_QUARTERS).astimezone(zone), time.min, zone)  # whole days, as they are there
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS["compact_days"], {"before": before, "zone": zone.key})
        days = cursor.rowcount
        cursor.execute(STATEMENTS["compact"], {"until": now - QUIET})
        return days + int(cursor.rowcount)
