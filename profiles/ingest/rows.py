"""The rows of people: found, locked in one order, created and written back, each for a whole batch by one statement."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from omnichannel.shared import sql
from profiles.ingest.identifiers import Identifier
from profiles.ingest.person import Person, Standing
from profiles.ingest.rules import Limits

DAY: Final = timedelta(days=1)
SQL = sql.load(Path(__file__).parent.parent / "sql" / "ingest.sql")


class OvertakenError(Exception):
    """Somebody else committed first what this batch assumed; start again from what is there now."""


def text(value: Any) -> str:
    """JSON as text, for a bound parameter."""
    return msgspec.json.encode(value).decode()


def load(
    named: Collection[Collection[Identifier]], now: datetime
) -> tuple[list[Person], dict[Identifier, Person], Standing]:
    """The people whom the identifiers lead to, locked, who owns what, and what else there is to know about them.

    `named`: what is named together, of which each may turn out to be one person. OvertakenError: one was merged
    meanwhile, or an identity has gone over to somebody else.
    """
    named = {tuple(together) for together in named}  # the calls of a visit name the same
    read = _owners({one for together in named for one in together})
    people = lock({row for _kind, _value, row, _met in read})
    if _owners([(kind, value) for kind, value, _row, _met in read]) != read:  # under the locks, at what was just read
        raise OvertakenError
    found = {Identifier(kind, value): _Owner(row, met) for kind, value, row, met in read}
    met: dict[Identifier, list[str]] = {}
    apart: set[tuple[int, int, Identifier]] = set()
    if asked := _may_join(named, found):
        with sql.bound() as cursor:
            cursor.execute(SQL["standing"], {"profile": list(asked), "day": now - DAY})
            for what, row, kind, value, others, number in cursor.fetchall():
                if what == "name":
                    people[row].held.setdefault(kind, set()).add(value)
                    if others:
                        met[Identifier(kind, value)] = msgspec.json.decode(others)
                elif what == "joins":
                    people[row].merges = number
                else:
                    apart.add((row, number, Identifier(kind, value)))
    owners = {identifier: people[owner.row] for identifier, owner in found.items()}
    return list(people.values()), owners, Standing(limits(), met, apart)


class _Owner(NamedTuple):
    """Whose an identity is, and whether it came with others' names as well."""

    row: int
    met: bool


def _owners(wanted: Collection[tuple[str, str]]) -> list[tuple[str, str, int, bool]]:
    """Identities that somebody has, as (kind, value, row, met), in order."""
    if not wanted:
        return []
    with sql.bound() as cursor:
        cursor.execute(SQL["owners"], {"rows": text([{"kind": kind, "value": value} for kind, value in wanted])})
        return sorted(cursor.fetchall())


def _may_join(named: Collection[Collection[Identifier]], found: Mapping[Identifier, _Owner]) -> set[int]:
    """Those of whom more has to be known: something new is named with them, or somebody else, or what others share.

    Where all that is named leads to one person, as nearly always, nothing comes of it.
    """
    asked: set[int] = set()
    for together in named:
        owners = [found.get(one) for one in together]
        rows = {owner.row for owner in owners if owner}
        if len(rows) > 1 or None in owners or any(owner.met for owner in owners if owner):
            asked |= rows
    return asked


def limits() -> Limits:
    """The limits of identities that marketers set."""
    with sql.bound() as cursor:
        cursor.execute(SQL["limits"])
        row = cursor.fetchone()
    return _read(row[0] if row else "{}")


@lru_cache(maxsize=4)
def _read(limits: str) -> Limits:
    return Limits.read(msgspec.json.decode(limits))


def lock(ids: Collection[int]) -> dict[int, Person]:
    """Hold the row locks and read who they are. OvertakenError: one of them is a signpost or gone."""
    with sql.bound() as cursor:
        cursor.execute(SQL["lock"], {"profile": sorted(ids)})
        held = {
            row: Person(order=row, row=row, since=since, attributes=msgspec.json.decode(attributes))
            for row, attributes, since in cursor.fetchall()
        }
    if len(held) < len(ids):
        raise OvertakenError
    return held


def survivors(ids: Iterable[int]) -> dict[int, int]:
    """Who each of these profiles is today; ids that never existed are left out."""
    with sql.bound() as cursor:
        cursor.execute(SQL["survivors"], {"profile": sorted(set(ids))})
        return dict(cursor.fetchall())


def create(people: Sequence[Person], now: datetime) -> None:
    """Rows for those who have none."""
    if not people:
        return
    given = [{"attributes": one.attributes, "first": one.first or now} for one in people]
    with sql.bound() as cursor:
        cursor.execute(SQL["create_profiles"], {"rows": text(given), "now": now})
        for one, row in zip(people, sorted(row[0] for row in cursor.fetchall()), strict=True):
            one.row = row


def add_identities(owners: Mapping[Identifier, int], now: datetime, *, all_new: bool = True) -> None:
    """Identities that nobody owned. OvertakenError (where `all_new`): somebody owns one by now."""
    if not owners:
        return
    given = [{"profile_id": row, "kind": one.kind, "value": one.value} for one, row in owners.items()]
    with sql.bound() as cursor:
        cursor.execute(SQL["add_identities"], {"rows": text(given), "now": now})
        if all_new and len(cursor.fetchall()) < len(owners):
            raise OvertakenError


def change_identities(owners: Mapping[Identifier, tuple[int, Collection[str]]]) -> None:
    """Known identities that went over to somebody else, or have met somebody: {identity: (owner, met)}."""
    if not owners:
        return
    given = [
        {"profile_id": row, "kind": one.kind, "value": one.value, "met": sorted(met) or None}
        for one, (row, met) in owners.items()
    ]
    with sql.bound() as cursor:
        cursor.execute(SQL["change_identities"], {"rows": text(given)})


def refuse(given: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Keep what was not joined, and why: the first time of each."""
    if not given:
        return
    with sql.bound() as cursor:
        cursor.execute(SQL["refuse"], {"rows": text(given), "now": now})


def update(people: Sequence[Person], now: datetime) -> None:
    """Write back attributes that changed, and that somebody was seen earlier than was known."""
    given = [
        {"id": one.row, "attributes": one.attributes if one.changed else None, "first": one.first}
        for one in people
        if one.changed or (one.first and one.since is not None and one.first.timestamp() < one.since)
    ]
    if not given:
        return
    with sql.bound() as cursor:
        cursor.execute(SQL["update_profiles"], {"rows": text(given), "now": now})


def see(people: Iterable[Person]) -> None:
    """Keep when they were last seen."""
    given = [{"id": one.row, "at": one.last} for one in people if one.last]
    if given:
        with sql.bound() as cursor:
            cursor.execute(SQL["seen_last"], {"rows": text(given)})
