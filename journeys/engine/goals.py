"""Who reached the goal, counted at every step that they had come to: what share of those who were here succeeded."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from journeys.tally import Bump, bump
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "inbox.sql")


def count(enrollments: Sequence[int], now: datetime) -> None:
    """These have just reached it. In the caller's transaction, when their steps are written."""
    if not enrollments:
        return
    with sql.bound() as cursor:
        cursor.execute(SQL["on_the_way"], {"enrollments": list(enrollments)})
        rows = cursor.fetchall()
    bump([Bump(journey, version, node, "goal", n) for journey, version, node, n in rows], now)
