"""Something more becomes known about events that are stored."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection, transaction

from omnichannel.shared import sql
from profiles.services import changes
from profiles.services.changes import NewChange

SQL = sql.load(Path(__file__).parent.parent / "sql" / "ingest.sql")


def amend(values: Mapping[int, Mapping[str, Any]], now: datetime) -> int:
    """Add properties to events, {event id: {name: value}}; segments look at their people again. Gives how many."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            more = [msgspec.json.encode(value).decode() for value in values.values()]
            cursor.execute(SQL["amend_events"], {"ids": list(values), "more": more})
            touched = cursor.fetchall()
        changes.record([NewChange(person, "amended", name) for person, name in dict.fromkeys(sorted(touched))], now)
    return len(touched)
