"""The rows of people: found, locked in one order, created and written back, each for a whole batch by one statement."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection

from omnichannel.shared import sql
from profiles.ingest.identify import Identifier, Person

SQL = sql.load(Path(__file__).parent.parent / "sql" / "ingest.sql")


class OvertakenError(Exception):
    """Somebody else committed first what this batch assumed; start again from what is there now."""


def text(value: Any) -> str:
    """JSON as text, for a bound parameter."""
    return msgspec.json.encode(value).decode()


def load(wanted: Collection[Identifier]) -> tuple[list[Person], dict[Identifier, Person]]:
    """The people whom the identifiers lead to, locked, and who owns what. OvertakenError: one was merged meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["owners"], {"rows": text([one._asdict() for one in wanted])})
        found = {Identifier(kind, value): row for kind, value, row in cursor.fetchall()}
        people = {row: Person(order=row, row=row, attributes=held) for row, held in lock(set(found.values())).items()}
        cursor.execute(SQL["user_ids"], {"profile": list(people)})
        for row, value in cursor.fetchall():
            people[row].user_ids.add(value)
    return list(people.values()), {identifier: people[row] for identifier, row in found.items()}


def lock(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Hold the row locks and read the attributes. OvertakenError: one of them is a signpost or gone."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["lock"], {"profile": sorted(ids)})
        held = {row: msgspec.json.decode(attributes) for row, attributes in cursor.fetchall()}
    if len(held) < len(ids):
        raise OvertakenError
    return held


def survivors(ids: Iterable[int]) -> dict[int, int]:
    """Who each of these profiles is today; ids that never existed are left out."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["survivors"], {"profile": sorted(set(ids))})
        return dict(cursor.fetchall())


def create(people: Sequence[Person], now: datetime) -> None:
    """Rows for those who have none."""
    if not people:
        return
    given = [{"attributes": one.attributes, "first": one.first or now, "last": one.last} for one in people]
    with connection.cursor() as cursor:
        cursor.execute(SQL["create_profiles"], {"rows": text(given), "now": now})
        for one, row in zip(people, sorted(row[0] for row in cursor.fetchall()), strict=True):
            one.row = row


def add_identities(owners: Mapping[Identifier, int], now: datetime, *, all_new: bool = True) -> None:
    """Identities that nobody owned. OvertakenError (where `all_new`): somebody owns one by now."""
    if not owners:
        return
    given = [{"profile_id": row, "kind": one.kind, "value": one.value} for one, row in owners.items()]
    with connection.cursor() as cursor:
        cursor.execute(SQL["add_identities"], {"rows": text(given), "now": now})
        if all_new and len(cursor.fetchall()) < len(owners):
            raise OvertakenError


def update(people: Sequence[Person], now: datetime) -> None:
    """Write back attributes that changed, and when the people were first and last seen."""
    if not people:
        return
    given = [
        {"id": one.row, "attributes": one.attributes if one.changed else None, "first": one.first, "last": one.last}
        for one in people
    ]
    with connection.cursor() as cursor:
        cursor.execute(SQL["update_profiles"], {"rows": text(given), "now": now})
