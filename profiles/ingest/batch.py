"""A batch of calls becomes people, identities, events and changes: one transaction, a constant number of statements."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.utils import OperationalError
from psycopg.errors import DeadlockDetected

from profiles.ingest import forgotten, people, rows
from profiles.ingest.decode import Call
from profiles.ingest.identifiers import all_identifiers
from profiles.ingest.identify import Crowd
from profiles.ingest.merge import note_moved
from profiles.ingest.people import row
from profiles.ingest.person import Person
from profiles.ingest.rows import OvertakenError
from profiles.ingest.track import TrackRow, event_change, seen, write_new
from profiles.services import changes
from profiles.services.changes import NewChange

ERASED = "not kept: this person was erased"
ATTEMPTS = 5  # merges that chase each other through signposts may still meet; PostgreSQL then picks one to start again


class Result(msgspec.Struct, frozen=True):
    """What became of one call. A repeat is not stored again and has no profile here; nor has what names nobody."""

    profile_id: int | None
    stored: bool
    warnings: tuple[str, ...] = ()
    nobody: bool = False


class _Placed(msgspec.Struct):
    """A call that is new, with its person, and the id of its event once that is stored."""

    place: int
    call: Call
    person: Person
    warnings: tuple[str, ...]
    event: int = 0


def ingest(calls: Sequence[Call], now: datetime, source: str | None = None) -> list[Result]:
    """Store the calls, in order; one result for each. When this returns outside a transaction, they are committed.

    Each attempt is a transaction (a savepoint inside one), so nothing of it stays and its locks are given back.
    `source` is where attributes come from, in their history ("import:7"); else it is the kind of the call.
    """
    look = False  # repeats are rare: whether there are any is asked only when storing has met one
    attempts = ATTEMPTS
    while True:
        try:
            with transaction.atomic():
                return _attempt(calls, seen({call.message_id for call in calls}) if look else set(), now, source)
        except OvertakenError:
            # Somebody else committed first what this batch assumed. They got further each time, so this ends.
            look = True
        except OperationalError as error:
            attempts -= 1
            if not isinstance(error.__cause__, DeadlockDetected) or not attempts or connection.in_atomic_block:
                raise


def _attempt(calls: Sequence[Call], repeats: set[UUID], now: datetime, source: str | None) -> list[Result]:
    fresh: list[tuple[int, Call]] = []
    for place, call in enumerate(calls):
        if call.message_id not in repeats:
            repeats.add(call.message_id)
            fresh.append((place, call))
    results = [Result(None, stored=False)] * len(calls)
    if not fresh:
        return results
    crowd = Crowd(*rows.load([all_identifiers(call) for _, call in fresh], now))
    fresh = _without_erased(fresh, crowd, results)
    placed = []
    for place, call in fresh:
        person = crowd.take(place, call)
        if person is None:
            results[place] = Result(None, stored=False, warnings=tuple(crowd.warnings), nobody=True)
        else:
            placed.append(_Placed(place, call, person, tuple(crowd.warnings)))
    _write(crowd, placed, source, now)
    for one in placed:
        results[one.place] = Result(one.person.now().row, stored=True, warnings=one.warnings)
    return results


def _without_erased(fresh: Sequence[tuple[int, Call]], crowd: Crowd, results: list[Result]) -> list[tuple[int, Call]]:
    """Leave out what would bring back people who were erased; asked after the owners, so that none slips through."""
    unwanted = forgotten.unwanted([call for _, call in fresh], crowd.owners)
    if not unwanted:
        return list(fresh)
    for place, call in fresh:
        if call.message_id in unwanted:
            results[place] = Result(None, stored=False, warnings=(ERASED,), nobody=True)
    return [(place, call) for place, call in fresh if call.message_id not in unwanted]


def _write(crowd: Crowd, placed: Sequence[_Placed], source: str | None, now: datetime) -> None:
    """People first, then events by message."""
    merges, news = people.write(crowd, {one.place: one.call for one in placed}, source, now)
    rows = [_track_row(one) for one in placed]
    for one, event in zip(placed, write_new(rows, now), strict=True):
        one.event = event
    _note_moved(crowd, placed, merges)
    changes.record(news + _told(crowd, placed, rows, source), now)


def _note_moved(crowd: Crowd, placed: Sequence[_Placed], merges: Sequence[int]) -> None:
    """Events of somebody who was joined in this batch are noted as moved by that merge."""
    if not merges:
        return
    by_place = {one.place: one.event for one in placed}
    note_moved(
        [
            (merge_id, "event", [by_place[place] for place in joined.calls])
            for joined, merge_id in zip(crowd.merges, merges, strict=True)
        ]
    )


def _told(crowd: Crowd, placed: Sequence[_Placed], events: Sequence[TrackRow], source: str | None) -> list[NewChange]:
    """Attributes and events, in the order of the calls; who lost a join in this batch is told of as the survivor."""
    news: list[NewChange] = []
    told = iter(change for change in crowd.changes if change.person.into is None)
    change = next(told, None)
    for one, event in zip(placed, events, strict=True):
        while change is not None and change.call <= one.place:
            data = {"old": change.old, "new": change.new, "source": source or one.call.kind}
            news.append(NewChange(row(change.person), "attribute", change.name, data=data))
            change = next(told, None)
        news.append(event_change(event, one.event))
    return news


def _track_row(one: _Placed) -> TrackRow:
    call = one.call
    return TrackRow(
        row(one.person), call.name, call.properties, call.occurred_at, call.message_id, call.kind, call.context
    )
