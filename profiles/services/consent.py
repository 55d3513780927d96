"""What people say to a topic: the only writer of consents, together with the change that tells of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import connection, transaction

from omnichannel.shared import sql
from profiles.services.changes import NewChange, record

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "consent.sql")


@dataclass(frozen=True, slots=True)
class Word:
    """One person's yes or no to a topic on a channel (empty: on every channel), and where it was said."""

    profile_id: int
    topic_id: int
    channel: str
    subscribed: bool
    source: str


def say(words: Sequence[Word], now: datetime, *, quiet: bool = False) -> int:
    """The latest word counts. Returns how many answers are new. In the caller's transaction, if there is one."""
    latest = {(word.profile_id, word.topic_id, word.channel): word for word in words}
    if not latest:
        return 0
    values = [latest[key] for key in sorted(latest)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["lock"], {"ids": sorted({word.profile_id for word in values})})
        cursor.execute(
            SQL["say"],
            {
                "profiles": [word.profile_id for word in values],
                "topics": [word.topic_id for word in values],
                "channels": [word.channel for word in values],
                "answers": [word.subscribed for word in values],
                "sources": [word.source for word in values],
                "now": now,
            },
        )
        changed = cursor.fetchall()
        record(
            [
                NewChange(profile, "consent", topic, data={"channel": channel, "subscribed": subscribed})
                for profile, topic, channel, subscribed in changed
            ],
            now,
            quiet=quiet,
        )
    return len(changed)
