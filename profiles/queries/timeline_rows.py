"""The rows behind lines of the timeline."""

from pathlib import Path
from typing import Any, Final

from django.db import connection

from omnichannel.shared import sql
from omnichannel.shared.slots import Window

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "timeline.sql")


def rows(statement: str, profile_id: int, letter: str, window: Window, **more: Any) -> list[tuple[Any, ...]]:
    """One named statement for one window; `letter` is the source's own."""
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], {"profile": profile_id, **window.bound(letter), **more})
        return list(cursor.fetchall())
