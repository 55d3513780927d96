"""People brought in from elsewhere, a file, say: who they are and what is known of them, without anything they did.

The rules are those of calls that come in: `Crowd` decides who a row speaks of and whom it joins.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.utils import OperationalError
from psycopg.errors import DeadlockDetected

from profiles.ingest import forgotten, people, rows
from profiles.ingest.attributes import email_identity, phone_identity
from profiles.ingest.batch import ATTEMPTS
from profiles.ingest.decode import Call
from profiles.ingest.identifiers import Identifier, all_identifiers
from profiles.ingest.identify import Crowd
from profiles.ingest.person import Person
from profiles.ingest.rows import OvertakenError
from profiles.services import changes
from profiles.services.changes import NewChange

Existing = Literal["update", "fill", "skip"]
Outcome = Literal["new", "updated", "unchanged", "skipped", "nobody", "erased"]


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
    """What became of a row. `person` tells the people of a batch apart; `names`, after a look only, are what later rows
    may call them."""

    profile_id: int | None
    outcome: Outcome
    person: int = -1
    names: Collection[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """How rows are taken in: what happens to people who exist, and where their attributes come from."""

    existing: Existing
    source: str
    quiet: bool = False  # no journey begins by it


@dataclass(slots=True)
class _Taken:
    """A row with its person. `changed` is None where it may not change anything."""

    person: Person
    changed: bool | None


def bring(newcomers: Sequence[Newcomer], rules: Rules, now: datetime, *, write: bool = True) -> list[Brought]:
    """Take the rows in, in order; one answer for each. In the caller's transaction. Without `write` only look."""
    for attempt in range(ATTEMPTS):
        try:
            return _until_settled(newcomers, rules, now, write)
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected) or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _until_settled(newcomers: Sequence[Newcomer], rules: Rules, now: datetime, write: bool) -> list[Brought]:
    """Each attempt is a savepoint: what was assumed wrongly goes, with its locks."""
    while True:
        try:
            with transaction.atomic():
                return _attempt(newcomers, rules, now, write)
        except OvertakenError:
            continue


def _attempt(newcomers: Sequence[Newcomer], rules: Rules, now: datetime, write: bool) -> list[Brought]:
    calls = {place: _call(one, rules, now) for place, one in enumerate(newcomers)}
    named = [all_identifiers(call) + _noted(newcomers[place]) for place, call in calls.items()]
    crowd = Crowd(*rows.load(named, now))
    unwanted = forgotten.unwanted(list(calls.values()), crowd.owners)
    taken = [
        None if calls[place].message_id in unwanted else _take(crowd, place, one, calls[place], rules)
        for place, one in enumerate(newcomers)
    ]
    fresh = {id(person) for person in crowd.people if person.row is None}
    if write:
        _write(crowd, calls, rules, now)
    keys = {known for call in calls.values() for known in all_identifiers(call)} if not write else set()
    erased = {place for place, call in calls.items() if call.message_id in unwanted}
    return _answers(crowd, taken, erased, fresh, keys)


def _answers(
    crowd: Crowd, taken: Sequence[_Taken | None], erased: set[int], fresh: set[int], keys: set[Identifier]
) -> list[Brought]:
    """What is said of each row: who it speaks of now, and whether that was news."""
    names: dict[int, set[tuple[str, str]]] = {}
    for identifier in keys & crowd.added.keys():
        names.setdefault(id(crowd.added[identifier].now()), set()).add(identifier)
    brought: list[Brought] = []
    met: set[int] = set()
    for place, one in enumerate(taken):
        if one is None:
            brought.append(Brought(None, "erased" if place in erased else "nobody"))
            continue
        person = one.person.now()
        new = id(person) in fresh and id(person) not in met
        met.add(id(person))
        if keys and id(person) not in fresh:
            names.setdefault(id(person), set()).add(("profile", str(person.row)))
        outcome: Outcome = "new" if new else "updated" if one.changed else "unchanged"
        if one.changed is None:
            outcome = "skipped"
        brought.append(Brought(person.row, outcome, person.order, names.get(id(person), ())))
    return brought


def _call(one: Newcomer, rules: Rules, now: datetime) -> Call:
    """The row as a call: what it recognises people by is told, or, where only gaps are filled, hinted at."""
    contacts = {kind: value for kind, value in one.keys.items() if kind in ("email", "phone")}
    told = rules.existing == "update"
    return Call(
        kind="import",
        name="",
        message_id=UUID(int=one.row),  # nothing of it is stored as an event
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


def _take(crowd: Crowd, place: int, one: Newcomer, call: Call, rules: Rules) -> _Taken | None:
    """Let one row in. None: what it recognises people by names nobody."""
    if rules.existing == "skip":
        known = next((owner for key in all_identifiers(call) if (owner := crowd.owners.get(key))), None)
        if known is not None:
            return _Taken(known, None)
    before = _size(crowd)
    person = crowd.take(place, call)
    if person is None:
        return None
    values = {kind: value for kind, value in one.contacts.items() if kind in ("email", "phone")} | one.attributes
    if rules.existing == "fill":
        values = {name: value for name, value in values.items() if person.attributes.get(name) in (None, "")}
    noted = [known for known in _noted(one) if known.kind != "user_id" or not person.user_ids]
    crowd.tell(place, person, values, noted)
    return _Taken(person, before != _size(crowd))


def _size(crowd: Crowd) -> tuple[int, ...]:
    return len(crowd.changes), len(crowd.added), len(crowd.merges), len(crowd.moved)


def _write(crowd: Crowd, calls: Mapping[int, Call], rules: Rules, now: datetime) -> None:
    for person in crowd.people:
        person.first = person.last = None  # they were told of, not seen
    _merges, news = people.write(crowd, calls, rules.source, now)
    heard = changes.heard("attribute", {change.name for change in crowd.changes})
    for change in crowd.changes:
        if change.name in heard and change.person.into is None:
            data = {"old": change.old, "new": change.new, "source": rules.source}
            news.append(NewChange(people.row(change.person), "attribute", change.name, data=data))
    changes.record(news, now, quiet=rules.quiet)
