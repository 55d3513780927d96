"""Events, written in batches; a repeat of a message is harmless."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from omnichannel.shared import sql
from profiles.ingest import rows as people
from profiles.ingest.person import Person
from profiles.ingest.rows import OvertakenError, text
from profiles.services import changes
from profiles.services.changes import NewChange

SQL = sql.load(Path(__file__).parent.parent / "sql" / "ingest.sql")


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One event of a known profile. `kind` message: what became of a message of ours."""

    profile_id: int
    name: str
    properties: dict[str, Any]
    occurred_at: datetime
    message_id: UUID
    kind: str = "track"
    context: dict[str, Any] | None = None


def seen(messages: Collection[UUID]) -> set[UUID]:
    """Which of these messages are stored already."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["seen"], {"message": list(messages)})
        return {row[0] for row in cursor.fetchall()}


def write(rows: Sequence[TrackRow], now: datetime) -> dict[UUID, int]:
    """Insert events; gives the ids of those that were new. The caller holds the row locks of the profiles."""
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SQL["add_events"], {"rows": text(rows), "now": now})
        return dict(cursor.fetchall())


def hold(ids: Collection[int]) -> dict[int, tuple[int, dict[str, Any]]]:
    """Lock who these profiles are today: {id: (survivor, its attributes)}. Ids that never existed are left out."""
    while True:
        try:
            with transaction.atomic():  # a savepoint: locks taken for nothing are given back
                current = people.survivors(ids)
                held = people.lock(set(current.values()))
                return {one: (survivor, held[survivor]) for one, survivor in current.items()}
        except OvertakenError:
            continue


def track(rows: Sequence[TrackRow], now: datetime) -> int:
    """Write events of known profiles and tell who wants to know; old ids of merged profiles lead to the survivor.

    In the caller's transaction. Gives the number of events that were new.
    """
    with transaction.atomic():
        held = hold({row.profile_id for row in rows})
        known = [row for row in rows if row.profile_id in held]
        placed = {row.message_id: (held[row.profile_id][0], row) for row in reversed(known)}
        ids = write([_at(owner, row) for owner, row in reversed(placed.values())], now)
        fresh = [placed[message] for message in ids]
        people.update(_last_seen(fresh), now)
        fresh.sort(key=lambda one: ids[one[1].message_id])
        changes.record([_change(owner, row, ids[row.message_id]) for owner, row in fresh], now)
        return len(ids)


def event_change(row: TrackRow, event_id: int) -> NewChange:
    """What consumers are told of an event."""
    return NewChange(row.profile_id, "event", row.name, event_id, row.properties, row.occurred_at)


def _at(owner: int, row: TrackRow) -> TrackRow:
    if owner == row.profile_id:
        return row
    return TrackRow(owner, row.name, row.properties, row.occurred_at, row.message_id, row.kind, row.context)


def _change(owner: int, row: TrackRow, event_id: int) -> NewChange:
    return event_change(_at(owner, row), event_id)


def _last_seen(fresh: Sequence[tuple[int, TrackRow]]) -> list[Person]:
    """What people did moves "last seen"; what happened to a message does not."""
    seen: dict[int, Person] = {}
    for owner, row in fresh:
        if row.kind != "message":
            one = seen.setdefault(owner, Person(order=owner, row=owner, first=row.occurred_at, last=row.occurred_at))
            one.first, one.last = (
                min(one.first or row.occurred_at, row.occurred_at),
                max(one.last or row.occurred_at, row.occurred_at),
            )
    return list(seen.values())
