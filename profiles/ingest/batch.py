"""A batch of calls becomes people, identities, events and changes: one transaction, a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.utils import OperationalError
from psycopg.errors import DeadlockDetected

from profiles.ingest import rows
from profiles.ingest.decode import Call
from profiles.ingest.identify import Crowd, Person, identifiers
from profiles.ingest.merge import merge, merged_changes
from profiles.ingest.rows import OvertakenError
from profiles.ingest.track import TrackRow, event_change, seen, write
from profiles.services import changes
from profiles.services.changes import NewChange

ATTEMPTS = 3  # merges that chase each other through signposts may still meet; PostgreSQL then picks one to start again


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one call. A repeat is not stored again and has no profile here."""

    profile_id: int | None
    stored: bool
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Placed:
    """A call that is new, with its person."""

    place: int
    call: Call
    person: Person
    warnings: tuple[str, ...]


def ingest(calls: Sequence[Call], now: datetime) -> list[Result]:
    """Store the calls, in order; one result for each. When this returns outside a transaction, they are committed."""
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _until_settled(calls, now)
        except OperationalError as error:
            again = isinstance(error.__cause__, DeadlockDetected) and attempt < ATTEMPTS - 1
            if not again or connection.in_atomic_block:
                raise
    raise AssertionError("unreachable")


def _until_settled(calls: Sequence[Call], now: datetime) -> list[Result]:
    """Work on what is there; start again whenever somebody else committed first what this batch assumed.

    Each attempt is a savepoint, so nothing of it stays and its locks are given back. Somebody else has got further
    each time, so this ends.
    """
    while True:
        try:
            with transaction.atomic():
                return _attempt(calls, now)
        except OvertakenError:
            continue


def _attempt(calls: Sequence[Call], now: datetime) -> list[Result]:
    repeats = seen({call.message_id for call in calls})
    fresh: list[tuple[int, Call]] = []
    for place, call in enumerate(calls):
        if call.message_id not in repeats:
            repeats.add(call.message_id)
            fresh.append((place, call))
    results = [Result(None, stored=False)] * len(calls)
    if not fresh:
        return results
    crowd = Crowd(*rows.load({one for _, call in fresh for one in identifiers(call)}))
    placed = []
    for place, call in fresh:
        person = crowd.take(place, call)
        placed.append(_Placed(place, call, person, tuple(crowd.warnings)))
    _write(crowd, placed, now)
    for one in placed:
        results[one.place] = Result(one.person.now().row, stored=True, warnings=one.warnings)
    return results


def _write(crowd: Crowd, placed: Sequence[_Placed], now: datetime) -> None:
    """In the order that never deadlocks: profiles are locked, then identities by value, then events by message."""
    living = [person for person in crowd.people if person.into is None]
    created = [person for person in living if person.row is None]
    known = [person for person in living if person.row is not None and (person.changed or person.last)]
    rows.create(created, now)
    rows.add_identities({one: _row(owner) for one, owner in crowd.added.items()}, now)
    pairs = {loser: _row(survivor) for loser, survivor in crowd.merges}
    merge(pairs, now)
    rows.update(known, now)
    tracked = [_track_row(one) for one in placed]
    ids = write(tracked, now)
    if len(ids) < len(tracked):
        raise OvertakenError
    news = [NewChange(_row(person), "created") for person in created]
    news += merged_changes(pairs)
    told = iter(change for change in crowd.changes if change.person.into is None)
    change = next(told, None)
    for one, row in zip(placed, tracked, strict=True):
        while change is not None and change.call <= one.place:
            data = {"old": change.old, "new": change.new, "source": one.call.kind}
            news.append(NewChange(_row(change.person), "attribute", change.name, data=data))
            change = next(told, None)
        news.append(event_change(row, ids[row.message_id]))
    changes.record(news, now)


def _row(person: Person) -> int:
    row = person.now().row
    if row is None:
        raise LookupError("This person has no row yet.")
    return row


def _track_row(one: _Placed) -> TrackRow:
    call = one.call
    return TrackRow(
        _row(one.person), call.name, call.properties, call.occurred_at, call.message_id, call.kind, call.context
    )
