"""What an export says of some people: their values in the order of the columns, in a constant number of statements."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from django.db import connection

from omnichannel.shared import sql
from profiles.bulk.columns import Column

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "bulk.sql")

Value = Any  # None, text, number, yes or no, a moment, or JSON of lists and objects


@dataclass(slots=True)
class _Person:
    """What is known of one of them; `more` by group and what."""

    id: int
    attributes: dict[str, Any]
    first_seen: datetime
    last_seen: datetime | None
    more: dict[tuple[str, str], Any] = field(default_factory=dict)


def load(ids: Sequence[int], columns: Sequence[Column]) -> list[list[Value]]:
    """One row for each person who is still there, by id."""
    asked: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        asked[column.group].append(column.what)
    people = {
        pk: _Person(pk, msgspec.json.decode(attributes), first, last)
        for pk, attributes, first, last in _query("people", ids=ids)
    }
    found = list(people)
    for group, rows in _more(asked, found):
        for pk, what, value in rows:
            more = people[pk].more
            known = more.get((group, what))
            more[group, what] = value if known is None else f"{known}; {value}"
    getters = [_getter(column) for column in columns]
    return [[get(one) for get in getters] for one in people.values()]


def types(ids: Sequence[int], paths: Sequence[str]) -> Iterable[tuple[int, str]]:
    """Which types attributes have: (place of the path, JSON type or "integer")."""
    found: Iterable[tuple[int, str]] = _query("types", ids=ids, paths=list(paths))
    return found


def _more(asked: dict[str, list[str]], ids: list[int]) -> Iterable[tuple[str, Iterable[tuple[int, str, Any]]]]:
    if "identity" in asked:
        yield "identity", _query("identities", ids=ids, kinds=asked["identity"])
    if "consent" in asked:
        slugs = list({what.partition(":")[0] for what in asked["consent"]})
        answers = _query("consents", ids=ids, slugs=slugs)
        yield "consent", ((pk, what, "yes" if subscribed else "no") for pk, what, subscribed in answers)
    if "segment" in asked:
        yield "segment", _query("memberships", ids=ids, segments=[int(one) for one in asked["segment"]])
    if "list" in asked:
        yield "list", _query("entries", ids=ids, lists=[int(one) for one in asked["list"]])


def _getter(column: Column) -> Callable[[_Person], Value]:
    match column.group:
        case "id":
            return lambda one: one.id
        case "first_seen":
            return lambda one: one.first_seen
        case "last_seen":
            return lambda one: one.last_seen
        case "attribute" if "." not in column.what:
            name = column.what
            return lambda one: one.attributes.get(name)
        case "attribute":
            path = column.what.split(".")
            return lambda one: _at(one.attributes, path)
    key = (column.group, column.what)
    return lambda one: one.more.get(key)


def _at(value: Any, path: Sequence[str]) -> Any:
    for part in path:
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _query(statement: str, **bound: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], {**bound, "ids": list(bound["ids"])})
        return list(cursor.fetchall())
