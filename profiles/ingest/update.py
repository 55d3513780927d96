"""Attributes of known profiles, changed by a marketer, a journey or a program instead of a call of the person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from profiles.ingest import history, rows
from profiles.ingest.attributes import email_identity, is_zone, phone_identity
from profiles.ingest.guard import address_of, guard
from profiles.ingest.identifiers import Identifier
from profiles.ingest.person import Person
from profiles.ingest.track import hold
from profiles.services import changes
from profiles.services.changes import NewChange


def update_attributes(values: Mapping[int, Mapping[str, Any]], now: datetime, source: str) -> int:
    """Set (with None: remove) attributes, {profile id: {name: value}}; names are stored as they are given.

    In the caller's transaction. Old ids of merged profiles lead to the survivor. A new e-mail or phone becomes an
    identity too, unless it is somebody else's (this never merges) or names nobody. A time zone that is none is left
    out. Gives the number of profiles that changed.
    """
    with transaction.atomic():
        held = hold(values.keys())
        people: dict[int, Person] = {}
        owners: dict[Identifier, int] = {}
        news: list[NewChange] = []
        limits = rows.limits()
        for one, wanted in values.items():
            if one not in held:
                continue
            row, person = held[one]
            people[row] = person
            for name, new in wanted.items():
                old = person.attributes.get(name)
                if (old == new and type(old) is type(new)) or (name == "timezone" and new and not is_zone(new)):
                    continue
                _put(person, name, new)
                news.append(NewChange(row, "attribute", name, data={"old": old, "new": new, "source": source}))
                address = email_identity(new) if name == "email" else phone_identity(new) if name == "phone" else None
                if address and not limits.names_nobody(name, address):
                    owners.setdefault(Identifier(name, address), row)
        rows.add_identities(owners, now, all_new=False)
        told = {address_of(one.key, one.data["new"]) for one in news if one.key in ("email", "phone")}
        guard({one for one in told if one}, limits, now)
        changed = [person for person in people.values() if person.changed]
        rows.update(changed, now)
        history.add(
            [history.Line(one.profile_id, one.key, one.data["old"], one.data["new"], source) for one in news], now
        )
        named = {(row, one.kind) for one, row in owners.items()}
        changes.record(news + [NewChange(row, "identity", kind) for row, kind in sorted(named)], now)
        return len(changed)


def _put(person: Person, name: str, value: Any) -> None:
    person.changed = True
    if value is None:
        person.attributes.pop(name, None)
    else:
        person.attributes[name] = value
