"""Events, written in batches; a repeat of a message is harmless."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from omnichannel.shared import copying, sql
from profiles.ingest import rows as people
from profiles.ingest.person import Person
from profiles.ingest.rows import OvertakenError, text
from profiles.services import changes
from profiles.services.changes import NewChange

SQL = sql.load(Path(__file__).parent.parent / "sql" / "ingest.sql")
MANY: Final = 20  # below, what COPY needs around it costs more than it saves


class TrackRow(msgspec.Struct, frozen=True):
    """One event of a known profile. `kind` message: what became of a message of ours; journey: a journey's note."""

    profile_id: int
    name: str
    properties: dict[str, Any]
    occurred_at: datetime
    message_id: UUID
    kind: str = "track"
    context: dict[str, Any] | None = None


def seen(messages: Collection[UUID]) -> set[UUID]:
    """Which of these messages are stored already."""
    with sql.bound() as cursor:
        cursor.execute(SQL["seen"], {"message": f"{{{','.join([one.hex for one in messages])}}}"})
        return {row[0] for row in cursor.fetchall()}


def write(rows: Sequence[TrackRow], now: datetime) -> dict[UUID, int]:
    """Store events; gives the ids of those that were new. The caller holds the row locks of the profiles.

    Many are copied, which costs half of an INSERT, but knows no repeats: where there is one, they are inserted.
    """
    if len(rows) >= MANY:
        try:
            with transaction.atomic():
                return {row.message_id: ident for row, ident in zip(rows, _copy(rows, now), strict=True)}
        except IntegrityError as error:
            if not isinstance(error.__cause__, UniqueViolation):
                raise
    return _insert(rows, now) if rows else {}


def write_new(rows: Sequence[TrackRow], now: datetime) -> list[int]:
    """Store events that are all new, their messages all different; gives their ids. OvertakenError: one is stored
    already, and the caller's transaction has to start again.
    """
    if len(rows) >= MANY:
        try:
            return _copy(rows, now)
        except IntegrityError as error:
            if isinstance(error.__cause__, UniqueViolation):
                raise OvertakenError from error
            raise
    ids = _insert(rows, now) if rows else {}
    if len(ids) < len(rows):
        raise OvertakenError
    return [ids[row.message_id] for row in rows]


def _insert(rows: Sequence[TrackRow], now: datetime) -> dict[UUID, int]:
    with sql.bound() as cursor:
        cursor.execute(SQL["add_events"], {"rows": text(rows), "now": now})
        return dict(cursor.fetchall())


def _copy(rows: Sequence[TrackRow], now: datetime) -> list[int]:
    """Ids rise in the order given; rows go in by message, so that two batches with the same ones never deadlock."""
    with sql.bound() as cursor:
        cursor.execute(SQL["event_ids"], {"n": len(rows)})
        ids = [row[0] for row in cursor.fetchall()]
    received = copying.moment(now)
    lines = sorted([_line(row, ident, received) for row, ident in zip(rows, ids, strict=True)])
    sql.copy(SQL["copy_events"], b"".join(lines))
    return ids


def _line(row: TrackRow, ident: int, received: str) -> bytes:
    context = copying.NULL if row.context is None else copying.json(row.context)
    times = f"{copying.moment(row.occurred_at)}\t{received}"
    head = f"{row.message_id.hex}\t{ident}\t{row.profile_id}\t{row.kind}\t{copying.text(row.name)}\t{times}\t"
    return b"%b%b\t%b\n" % (head.encode(), copying.json(row.properties), context)


def hold(ids: Collection[int]) -> dict[int, tuple[int, Person]]:
    """Lock who these profiles are today: {id: (survivor, who that is)}. Ids that never existed are left out."""
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
        visitors = _last_seen(fresh, dict(held.values()))
        people.update(visitors, now)
        people.see(visitors)
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


def _last_seen(fresh: Sequence[tuple[int, TrackRow]], people: Mapping[int, Person]) -> list[Person]:
    """What people did moves "last seen"; what happened to a message, or a journey wrote down, does not."""
    seen: dict[int, Person] = {}
    for owner, row in fresh:
        if row.kind not in ("message", "journey"):
            one = seen[owner] = people[owner]
            one.first = min(one.first or row.occurred_at, row.occurred_at)
            one.last = max(one.last or row.occurred_at, row.occurred_at)
    return list(seen.values())
