"""Erase one person, as the law gives everybody the right to ask: everything about them goes, in one transaction.

What stays: counts without a name, a hash that blocks the address, and hashes that keep old calls from bringing the
person back (see `profiles.ingest.forgotten`). Other apps erase what they keep by a step that they register.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import CASCADE, Model
from django.db.utils import OperationalError
from psycopg import sql as compose
from psycopg.errors import DeadlockDetected

from omnichannel.accounts.models import User
from omnichannel.shared import sql
from profiles.ingest.forgotten import forget
from profiles.ingest.guard import ADDRESSES, ERASED, address_of, blocked_address
from profiles.ingest.identifiers import Identifier
from profiles.models import Identity, Profile, Suppression
from profiles.segments.writing import hold_shards, shards_of
from profiles.services.suppressions import holders, suppress

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "erasure.sql")
ATTEMPTS: Final = 5

# Called inside the transaction, before the person is locked: (ids of the person and of who was joined to them, now).
Step = Callable[[Sequence[int], datetime], None]
_steps: list[Step] = []


class GoneError(LookupError):
    """There is no such person any more."""


def register(step: Step) -> None:
    """Erase what another app keeps about people. Twice is once."""
    if step not in _steps:
        _steps.append(step)


def erase(profile: Profile, *, by: User | None, now: datetime) -> None:
    """Everything about this person goes. GoneError: somebody else was first, or they were joined with another one."""
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _erase(profile.pk, by, now)
        except OperationalError as error:
            again = isinstance(error.__cause__, DeadlockDetected) and attempt < ATTEMPTS - 1
            if not again or connection.in_atomic_block:
                raise
    raise AssertionError("unreachable")


def _erase(pk: int, by: User | None, now: datetime) -> None:
    """Enrollments and messages first, the person after them: the order in which engine and sender take their locks."""
    ids = sorted({pk, *Profile.objects.filter(merged_into=pk).values_list("pk", flat=True)})
    for step in _steps:
        step(ids, now)
    hold_shards(shards_of(ids))
    held = [row[0] for row in _run("lock", {"profile": pk})]
    person = Profile.objects.filter(pk=pk, merged_into=None).first()
    if person is None or held != ids:
        raise GoneError
    identities = {Identifier(*one) for one in Identity.objects.filter(profile=pk).values_list("kind", "value")}
    identities |= _contacts(person)
    forget(identities, [row[0] for row in _run("messages", {"profile": pk})], now)
    _block(ids, identities, now)
    _run("changes", {"profiles": ids})
    _run("leave_segments", {"profiles": ids})
    for statement in _wipe(Profile, compose.SQL("id = ANY(%(profiles)s::bigint[])")):
        with connection.cursor() as cursor:
            cursor.execute(statement, {"profiles": ids})
    _audit(pk, by, now)


def _contacts(person: Profile) -> set[Identifier]:
    told = [address_of(kind, person.attributes.get(kind)) for kind in ("email", "phone")]
    return {one for one in told if one}


def _block(ids: Sequence[int], identities: set[Identifier], now: datetime) -> None:
    """Blocked addresses lose their spelling, in the history of changes too; but for those that somebody else has."""
    told = [address_of(*one) for one in identities if one.kind in ADDRESSES]
    addresses = sorted({one for one in told if one})
    shared = holders(addresses, ids)
    spelt = [one.value for one in addresses if one not in shared]
    Suppression.objects.filter(address__in=spelt).delete()
    kind = ContentType.objects.get_for_model(Suppression)
    LogEntry.objects.filter(content_type=kind, object_repr__in=spelt).update(object_repr="–", changes=None)
    suppress(dict.fromkeys(shared, ERASED), now)
    hashes = [blocked_address(one.kind, one.value) for one in addresses]
    _run("block", {"kinds": [one.kind for one in addresses], "addresses": hashes, "now": now})


def _wipe(model: type[Model], chosen: compose.Composable) -> Iterator[compose.Composed]:
    """Statements that delete the chosen rows of a table, after whatever hangs on them: the models say what does."""
    quote = compose.Identifier
    table, key_column = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    for relation in model._meta.related_objects:
        field: Any = relation.field
        if relation.on_delete is CASCADE and relation.related_model is not model:
            key = compose.SQL("SELECT {} FROM {} WHERE {}").format(key_column, table, chosen)
            yield from _wipe(relation.related_model, compose.SQL("{} IN ({})").format(quote(field.column), key))
    yield compose.SQL("DELETE FROM {} WHERE {}").format(table, chosen)


def _audit(pk: int, by: User | None, now: datetime) -> None:
    """Who erased which number, and when; nothing about the person. What was noted of them before loses its words."""
    people = ContentType.objects.get_for_model(Profile)
    LogEntry.objects.create(
        content_type=people,
        object_pk=str(pk),
        object_id=pk,
        object_repr=f"#{pk}",
        action=LogEntry.Action.DELETE,
        actor=by,
        timestamp=now,
        changes={},
    )


def _run(statement: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], bound)
        return list(cursor.fetchall()) if cursor.description else []
