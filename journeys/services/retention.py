"""What journeys let go when it is old: the content of messages, and the log of steps."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from omnichannel.shared import sql
from profiles.models import KeepRule
from profiles.services import retention

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "retention.sql")
BATCH: Final = 2000


def content(rule: KeepRule, before: datetime) -> tuple[int, bool]:
    """The messages stay, with what became of them; how they read goes."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["content"], {"after": rule.cursor, "before": before, "limit": BATCH})
        last, seen, removed = cursor.fetchone()
    rule.cursor = max(rule.cursor, last or 0)
    return removed, seen == BATCH


def steps(rule: KeepRule, before: datetime) -> tuple[int, bool]:
    """Who is still inside keeps all of theirs: they say why somebody stands where they stand."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["steps"], {"after": rule.cursor, "before": before, "limit": BATCH})
        last, seen, removed = cursor.fetchone()
    more = seen == BATCH
    rule.cursor = last if more else 0  # the next walk looks again at those that had to stay
    return removed, more


def needed_events(events: Sequence[int], profiles: Sequence[int]) -> set[int]:
    """Those that brought people in who are still inside, or that a waiting message speaks of."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["needed"], {"events": list(events), "profiles": list(profiles)})
        return {row[0] for row in cursor.fetchall()}


def register() -> None:
    """Let the rules of keeping reach them."""
    retention.needs(needed_events)
    stays = _("That they were sent, opened and clicked stays.")
    retention.register(retention.Kept("content", _("Messages as they read"), stays, content))
    stays = _("Why somebody went which way. Reports stay, and who is inside.")
    retention.register(retention.Kept("steps", _("Steps in journeys"), stays, steps))
