"""People brought in from elsewhere, a file, say: who they are and what is known of them, without anything they did.

The rules are those of calls that come in: `Crowd` decides who a row speaks of and whom it joins.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from django.db import transaction

from profiles.ingest import rows
from profiles.ingest.attributes import email_identity, phone_identity
from profiles.ingest.decode import Call
from profiles.ingest.identify import Crowd, Identifier, Person, identifiers
from profiles.ingest.merge import merge, merged_changes
from profiles.ingest.rows import OvertakenError
from profiles.services import changes
from profiles.services.changes import NewChange

NO_MESSAGE: Final = UUID(int=0)  # nothing of these calls is stored as an event

Existing = Literal["update", "fill", "skip"]


@dataclass(slots=True)
class Newcomer:
    """One row. By `keys` a person is recognised, and two become one; `contacts` lead to nobody, they are noted."""

    row: int
    keys: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    said: list[tuple[int, bool]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of a row. A check has no id for people who are not there yet."""

    profile_id: int | None
    outcome: Literal["new", "updated", "unchanged", "skipped"]
    remarks: tuple[str, ...] = ()


def bring(
    newcomers: Sequence[Newcomer], existing: Existing, now: datetime, *, source: str, write: bool = True
) -> list[Brought]:
    """Take the rows in, in order; one answer for each. In the caller's transaction. Without `write` only look."""
    while True:
        try:
            with transaction.atomic():  # a savepoint: what was assumed wrongly goes, with its locks
                return _attempt(newcomers, existing, now, source, write)
        except OvertakenError:
            continue


def _attempt(
    newcomers: Sequence[Newcomer], existing: Existing, now: datetime, source: str, write: bool
) -> list[Brought]:
    calls = [_call(one, existing, now) for one in newcomers]
    wanted = {known for call in calls for known in identifiers(call)}
    wanted |= {known for one in newcomers for known in _noted(one)}
    crowd = Crowd(*rows.load(wanted))
    taken = [
        _take(crowd, place, one, call, existing) for place, (one, call) in enumerate(zip(newcomers, calls, strict=True))
    ]
    fresh = {id(person) for person in crowd.people if person.into is None and person.row is None}
    if write:
        _write(crowd, now, source)
    brought, met = [], set()
    for person, changed, remarks in taken:
        person = person.now()
        new = id(person) in fresh and id(person) not in met
        met.add(id(person))
        outcome = "skipped" if changed is None else "new" if new else "updated" if changed else "unchanged"
        brought.append(Brought(person.row, outcome, remarks))
    return brought


def _call(one: Newcomer, existing: Existing, now: datetime) -> Call:
    """The row as a call: what it recognises people by is told, or, where only gaps are filled, hinted at."""
    contacts = {kind: value for kind, value in one.keys.items() if kind in ("email", "phone")}
    told = existing == "update"
    return Call(
        kind="import",
        name="",
        message_id=NO_MESSAGE,
        occurred_at=now,
        user_id=one.keys.get("user_id"),
        anonymous_id=one.keys.get("anonymous_id"),
        traits=contacts if told else {},
        hints={} if told else contacts,
    )


def _noted(one: Newcomer) -> list[Identifier]:
    """Identifiers that lead to nobody, as identities."""
    found = []
    for kind, value in one.contacts.items():
        identity = email_identity(value) if kind == "email" else phone_identity(value) if kind == "phone" else value
        if identity:
            found.append(Identifier(kind, identity))
    return found


def _take(
    crowd: Crowd, place: int, one: Newcomer, call: Call, existing: Existing
) -> tuple[Person, bool | None, tuple[str, ...]]:
    """Let one row in: its person, whether it changes anything (None: it may not), and remarks."""
    if existing == "skip":
        known = next((owner for key in identifiers(call) if (owner := crowd.owners.get(key))), None)
        if known is not None:
            return known, None, ()
    before = len(crowd.changes), len(crowd.added), len(crowd.merges)
    person = crowd.take(place, call)
    values = {kind: value for kind, value in one.contacts.items() if kind in ("email", "phone")} | one.attributes
    if existing == "fill":
        values = {name: value for name, value in values.items() if person.attributes.get(name) in (None, "")}
    crowd.tell(place, person, values, _noted(one))
    after = len(crowd.changes), len(crowd.added), len(crowd.merges)
    return person, before != after, tuple(crowd.warnings)


def _write(crowd: Crowd, now: datetime, source: str) -> None:
    """In the same order as calls that come in: profiles are locked, then identities by value."""
    living = [person for person in crowd.people if person.into is None]
    for person in living:
        person.first = person.last = None  # they were told of, not seen
    created = [person for person in living if person.row is None]
    known = [person for person in living if person.row is not None and person.changed]
    rows.create(created, now)
    rows.add_identities({one: _row(owner) for one, owner in crowd.added.items()}, now)
    pairs = {loser: _row(survivor) for loser, survivor in crowd.merges}
    merge(pairs, now)
    rows.update(known, now)
    news = [NewChange(_row(person), "created") for person in created]
    news += merged_changes(pairs)
    for change in crowd.changes:
        if change.person.into is None:
            data = {"old": change.old, "new": change.new, "source": source}
            news.append(NewChange(_row(change.person), "attribute", change.name, data=data))
    changes.record(news, now)


def _row(person: Person) -> int:
    row = person.now().row
    if row is None:
        raise LookupError("This person has no row yet.")
    return row
