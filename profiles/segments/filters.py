"""Questions about the properties of an event: read, written, put into words, asked in SQL and in Python."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from profiles.segments.fragment import Fragment
from profiles.segments.operator import Test
from profiles.segments.operators import OPERATORS, as_sql, test, value_in_words
from profiles.segments.reading import ConditionError, Value, argument, at, dump_value, only, text


@dataclass(frozen=True, slots=True)
class PropertyFilter:
    """One question about a property."""

    field: str
    op: str
    value: Value = None


def read_question(raw: Mapping[str, Any], path: str) -> tuple[str, str, Value]:
    """Field, operator and value."""
    field = text(raw.get("field"), at(path, "field"), _("Choose a property."))
    if not all(field.split(".")):
        raise ConditionError(at(path, "field"), _("A name between two dots is missing."))
    op = raw.get("op")
    if not isinstance(op, str) or op not in OPERATORS:
        raise ConditionError(at(path, "op"), _("There is no comparison “%s”.") % op)
    return field, op, argument(OPERATORS[op].argument, raw.get("value"), at(path, "value"))


def read_where(raw: Any, path: str) -> Iterator[PropertyFilter]:
    """A list of filters, one after the other, so that the caller may count them."""
    if not isinstance(raw, list):
        raise ConditionError(path, _("Give a list of properties."))
    for i, one in enumerate(raw):
        here = f"{path}[{i}]"
        if not isinstance(one, Mapping):
            raise ConditionError(here, _("Choose a property."))
        only(one, here, "field", "op", "value")
        yield PropertyFilter(*read_question(one, here))


def dump_where(where: Sequence[PropertyFilter]) -> list[dict[str, Any]]:
    """The canonical JSON of property filters."""
    return [{"field": one.field, "op": one.op} | dump_value(one.value) for one in where]


def where_holds(filters: Sequence[PropertyFilter], properties: Mapping[str, Any], now: datetime) -> bool:
    """Whether all the property filters hold."""
    return where_test(filters, now)(properties)


def where_test(filters: Sequence[PropertyFilter], now: datetime) -> Test:
    """The same, prepared for many."""
    tests = [test(one.op, one.field, one.value, now) for one in filters]
    return tests[0] if len(tests) == 1 else lambda properties: all(one(properties) for one in tests)


def where_sql(filters: Sequence[PropertyFilter], alias: str, now: datetime) -> list[Fragment]:
    """The same, as tests of an event row."""
    return [as_sql(one.op, Fragment(f"{alias}.properties"), one.field, one.value, now) for one in filters]


def moving(filters: Iterable[PropertyFilter]) -> list[PropertyFilter]:
    """Those whose answer can change with the clock alone."""
    return [one for one in filters if OPERATORS[one.op].moves]


def uses_days(filters: Iterable[PropertyFilter]) -> bool:
    """Whether any of them asks about calendar days."""
    return any(OPERATORS[one.op].days for one in filters)


def describe_where(where: Sequence[PropertyFilter]) -> str:
    """Property filters as "total is more than 50 and currency is EUR"; empty without any."""
    return _(" and ").join(_question(one.field, one.op, one.value) for one in where)


def label(field: str) -> str:
    """A field's name as people say it: "first_name" is "first name"."""
    return field.replace("_", " ")


def _question(field: str, op: str, value: Any) -> str:
    return " ".join(part for part in (label(field), str(OPERATORS[op].label), value_in_words(value)) if part)
