"""Lists of people: made, changed, filled and emptied. The only writer of entries, with the change that tells of it.

`add` and `remove` take any number of people in a constant number of statements, so uploads use them in batches.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.shared import sql
from profiles.ingest.attributes import email_identity, phone_identity
from profiles.models import Interest, PeopleList, Segment
from profiles.services.changes import NewChange, record

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "lists.sql")
MAX_PASTED: Final = 5_000


class ListError(ValueError):
    """What the rules do not allow; the text is for the person who asked."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What became of pasted lines."""

    added: int
    already: int
    unknown: Sequence[str]


def create(name: str, description: str, *, by: User | None, now: datetime) -> PeopleList:
    """An empty list."""
    try:
        with transaction.atomic():
            return PeopleList.objects.create(name=name, description=description, created_by=by, created_at=now)
    except IntegrityError:
        raise ListError(_("There is a list of this name already.")) from None


def change(people: PeopleList, name: str, description: str) -> None:
    """Give it another name or description."""
    people.name, people.description = name, description
    try:
        with transaction.atomic():
            people.save(update_fields=["name", "description"])
    except IntegrityError:
        raise ListError(_("There is a list of this name already.")) from None


@transaction.atomic
def delete(people: PeopleList) -> None:
    """The list, not the people on it; refused while a segment asks about it, or something else leads to it."""
    names = ", ".join(sorted(segment.name for segment in asking(people)))
    if names:
        raise ListError(_("“%(list)s” is used by the segments %(names)s.") % {"list": people.name, "names": names})
    try:
        people.delete()
    except ProtectedError:
        raise ListError(_("“%(list)s” is in use, for instance in a journey.") % {"list": people.name}) from None


def asking(people: PeopleList) -> list[Segment]:
    """The segments that ask about a list."""
    owners = Interest.objects.filter(kind="list", key=str(people.pk), owner__startswith="segment:")
    ids = [int(owner.removeprefix("segment:")) for owner in owners.values_list("owner", flat=True)]
    return list(Segment.objects.filter(pk__in=ids))


def add(people: PeopleList, profile_ids: Collection[int], now: datetime, source: str, *, quiet: bool = False) -> int:
    """Put them on the list; who is on it stays. Old ids of merged profiles lead to the survivor. How many are new."""
    return _write("add", people, profile_ids, now, source, quiet=quiet)


def remove(people: PeopleList, profile_ids: Collection[int], now: datetime) -> int:
    """Take them off the list. How many were on it."""
    return _write("remove", people, profile_ids, now, "")


def paste(people: PeopleList, text: str, now: datetime, source: str) -> Pasted:
    """Put whoever these lines name on the list: e-mail addresses, phone numbers, user ids, one to a line or comma."""
    words = list(dict.fromkeys(word.strip() for line in text.splitlines() for word in line.split(",") if word.strip()))
    if len(words) > MAX_PASTED:
        raise ListError(_("At most %(n)s at once: upload a file for more.") % {"n": f"{MAX_PASTED:,}"})
    found = known_by(words)
    new = add(people, set(found.values()), now, source)
    return Pasted(new, len(set(found.values())) - new, [word for word in words if word not in found])


def known_by(words: Sequence[str]) -> dict[str, int]:
    """Whose these addresses and ids are; a user id comes before a phone number that looks like it."""
    kinds: list[str] = []
    values: list[str] = []
    places: list[int] = []
    for place, word in enumerate(words):
        told = {"phone": phone_identity(word), "email": email_identity(word), "user_id": word}
        for kind, value in told.items():
            if value:
                kinds.append(kind)
                values.append(value)
                places.append(place)
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(SQL["known_by"], {"kinds": kinds, "values": values, "places": places})
        for place, profile in cursor.fetchall():
            found[words[place]] = profile
    return found


def _write(
    verb: str, people: PeopleList, ids: Collection[int], now: datetime, source: str, *, quiet: bool = False
) -> int:
    if not ids:
        return 0
    bound: dict[str, Any] = {"list": people.pk, "now": now, "source": source}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["lock"], {"profiles": sorted(ids)})
        held = [row[0] for row in cursor.fetchall()]
        cursor.execute(SQL[verb], {**bound, "profiles": held})
        changed = [row[0] for row in cursor.fetchall()]
        on = verb == "add"
        told = [NewChange(profile, "list", str(people.pk), data={"on": on}) for profile in sorted(changed)]
        record(told, now, quiet=quiet)
    return len(changed)
