"""The change outbox: how the profile store tells others, in the same transaction, what has changed.

Only changes that somebody declared an interest in are written. Consumers take their rows by
DELETE … SKIP LOCKED … RETURNING.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection, transaction

from omnichannel.shared import sql
from profiles.models import Interest
from profiles.services import wake

SQL = sql.load(Path(__file__).parent.parent / "sql" / "changes.sql")


@dataclass(frozen=True, slots=True)
class NewChange:
    """One change of one profile.

    kind: event (key: its name, data: its properties), attribute (key: its name, data: old, new, source), consent,
    entered and exited (key: segment id), created (a new profile, key empty), merged (key empty, data: from, into).
    `at` is when it happened: the time of the event; for everything else, left out, the moment it is recorded.
    """

    profile_id: int
    kind: str
    key: str = ""
    event_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


def record(changes: Sequence[NewChange], now: datetime) -> set[str]:
    """Write the changes that have an interest, per consumer, and nudge those consumers after commit.

    The caller is in a transaction and holds the row locks of the profiles, so that one profile's changes are in
    order. Returns the consumers that have something to take.
    """
    if not changes:
        return set()
    encode = msgspec.json.encode
    with connection.cursor() as cursor:
        cursor.execute(
            SQL["record"],
            {
                "profile": [c.profile_id for c in changes],
                "kind": [c.kind for c in changes],
                "key": [c.key for c in changes],
                "event": [c.event_id for c in changes],
                "at": [c.at or now for c in changes],
                "data": [encode(c.data).decode() for c in changes],
            },
        )
        consumers = {row[0] for row in cursor.fetchall()}
    nudge(consumers)
    return consumers


def nudge(consumers: Iterable[str]) -> None:
    """After commit, tell these consumers that there is something to take."""
    for consumer in sorted(consumers):
        transaction.on_commit(partial(wake.wake, consumer))


def declare(consumer: str, owner: str, interests: Iterable[tuple[str, str]]) -> None:
    """`owner` (say "version:7") wants exactly these (kind, key) for `consumer`; key "*" means every key of the kind."""
    with transaction.atomic():
        withdraw(consumer, owner)
        Interest.objects.bulk_create(
            [Interest(consumer=consumer, owner=owner, kind=kind, key=key) for kind, key in sorted(set(interests))],
            ignore_conflicts=True,
        )


def withdraw(consumer: str, owner: str) -> None:
    """`owner` wants to hear of nothing any more."""
    Interest.objects.filter(consumer=consumer, owner=owner).delete()
