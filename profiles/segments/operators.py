"""Every operator, once: its label, the types it fits, the argument it takes, its meaning in SQL and in Python.

A negative operator is the exact complement of its positive: "country is not DE" holds for somebody without a country.
Everything else never holds for a value that is missing or of a kind it cannot read. `values` says how values are read.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.values import at_path, moment, number, sql_json, sql_moment, sql_number, sql_text

Argument = Literal["none", "text", "scalar", "scalars", "number", "moment", "period"]
Sql = Callable[[Fragment, str, Any, datetime], Fragment]
Holds = Callable[[Any, Any, datetime], bool]

UNITS: Final = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1),
                "weeks": timedelta(weeks=1)}  # fmt: skip

UNIT_LABELS: Final = {"minutes": _("minutes"), "hours": _("hours"), "days": _("days"), "weeks": _("weeks")}
COUNT_LABELS: Final = {"at_least": _("at least"), "at_most": _("at most"), "exactly": _("exactly")}


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time back from now."""

    amount: int
    unit: str

    @property
    def length(self) -> timedelta:
        """As a duration."""
        return self.amount * UNITS[self.unit]


@dataclass(frozen=True, slots=True)
class Operator:
    """`sql(column, path, argument, now)` and `holds(value, argument, now)` mean the same; NULL means no."""

    name: str
    label: str | Promise
    types: tuple[str, ...]
    argument: Argument
    sql: Sql
    holds: Holds
    opposite: str = ""
    moves: bool = False  # the answer can change with the clock alone


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _equals(value: Any, wanted: Any, now: datetime) -> bool:
    if isinstance(wanted, str):
        return value == wanted if isinstance(value, str) else _is_number(value) and number(value) == number(wanted)
    found = number(value)
    return found is not None and found == number(wanted)


def _equals_sql(column: Fragment, path: str, wanted: Any, now: datetime) -> Fragment:
    return _one_of_sql(column, path, (wanted,), now)


def _one_of(value: Any, wanted: tuple[Any, ...], now: datetime) -> bool:
    return any(_equals(value, one, now) for one in wanted)


def _one_of_sql(column: Fragment, path: str, wanted: tuple[Any, ...], now: datetime) -> Fragment:
    """Text is compared as JSON ("5" also finds the number 5); a number also finds text that reads as that number."""
    same: list[str] = []
    for one in wanted:
        if isinstance(one, str):
            same.append(json.dumps(one, ensure_ascii=False))
            if (as_number := number(one)) is not None:
                same.append(str(as_number))
    numbers = [number(one) for one in wanted if not isinstance(one, str)]
    parts = [sql("{} = ANY({}::jsonb[])", sql_json(column, path), same)] if same else []
    if numbers:
        parts.append(sql("({}) = ANY({}::numeric[])", sql_number(column, path), numbers))
    return join("OR", parts)


def _contains(value: Any, wanted: str, now: datetime) -> bool:
    if isinstance(value, list):
        return any(isinstance(item, str) and item == wanted for item in value)
    return isinstance(value, str) and wanted in value


def _contains_sql(column: Fragment, path: str, wanted: str, now: datetime) -> Fragment:
    found, text = sql_json(column, path), sql_text(column, path)
    return sql(
        "CASE jsonb_typeof({}) WHEN 'string' THEN strpos({}, {}) > 0 WHEN 'array' THEN {} @> {}::jsonb END",
        *(found, text, wanted, found, json.dumps([wanted], ensure_ascii=False)),
    )


def _starts_sql(column: Fragment, path: str, wanted: str, now: datetime) -> Fragment:
    found, text = sql_json(column, path), sql_text(column, path)
    return sql("jsonb_typeof({}) = 'string' AND starts_with({}, {})", found, text, wanted)


def _ends_sql(column: Fragment, path: str, wanted: str, now: datetime) -> Fragment:
    found, text = sql_json(column, path), sql_text(column, path)
    return sql("jsonb_typeof({}) = 'string' AND right({}, {}) = {}", found, text, len(wanted), wanted)


def _starts(test: Callable[[str, str], bool]) -> Holds:
    return lambda value, wanted, now: isinstance(value, str) and test(value, wanted)


def _is_set_sql(column: Fragment, path: str, wanted: Any, now: datetime) -> Fragment:
    return sql("{} <> ALL({}::jsonb[])", sql_json(column, path), ["null", '""'])


def _in(*values: str) -> Sql:
    return lambda column, path, wanted, now: sql("{} = ANY({}::jsonb[])", sql_json(column, path), list(values))


def _compare(sign: str, holds: Callable[[Decimal, Decimal], bool]) -> tuple[Sql, Holds]:
    def in_sql(column: Fragment, path: str, wanted: Any, now: datetime) -> Fragment:
        return sql("({}) " + sign + " {}::numeric", sql_number(column, path), number(wanted))

    def in_python(value: Any, wanted: Any, now: datetime) -> bool:
        found, limit = number(value), number(wanted)
        return found is not None and limit is not None and holds(found, limit)

    return in_sql, in_python


def _against(sign: str, holds: Callable[[datetime, datetime], bool]) -> tuple[Sql, Holds]:
    def in_sql(column: Fragment, path: str, wanted: str, now: datetime) -> Fragment:
        return sql("({}) " + sign + " {}::timestamptz", sql_moment(column, path), moment(wanted))

    def in_python(value: Any, wanted: str, now: datetime) -> bool:
        found, limit = moment(value), moment(wanted)
        return found is not None and limit is not None and holds(found, limit)

    return in_sql, in_python


def _in_last(value: Any, wanted: Period, now: datetime) -> bool:
    found = moment(value)
    return found is not None and now - wanted.length < found <= now


def _in_last_sql(column: Fragment, path: str, wanted: Period, now: datetime) -> Fragment:
    found = sql_moment(column, path)
    return join("AND", [sql("({}) > {}", found, now - wanted.length), sql("({}) <= {}", found, now)])


def _not(name: str, label: str | Promise, positive: Operator) -> Operator:
    return Operator(
        name,
        label,
        positive.types,
        positive.argument,
        lambda column, path, wanted, now: sql("({}) IS NOT TRUE", positive.sql(column, path, wanted, now)),
        lambda value, wanted, now: not positive.holds(value, wanted, now),
        opposite=positive.name,
        moves=positive.moves,
    )


def _operators() -> list[Operator]:
    text, numeric, date, flag, everything = ("text", "list"), ("number",), ("date",), ("boolean",), ()
    eq = Operator("eq", _("is"), ("text", "number"), "scalar", _equals_sql, _equals)
    contains = Operator("contains", _("contains"), text, "text", _contains_sql, _contains)
    is_set = Operator(
        "is_set", _("is known"), everything, "none", _is_set_sql, lambda v, w, n: v is not None and v != ""
    )
    in_last = Operator("in_last", _("is in the last"), date, "period", _in_last_sql, _in_last, moves=True)
    return [
        eq,
        _not("ne", _("is not"), eq),
        Operator("one_of", _("is one of"), ("text", "number"), "scalars", _one_of_sql, _one_of),
        contains,
        _not("not_contains", _("does not contain"), contains),
        Operator("starts_with", _("starts with"), ("text",), "text", _starts_sql, _starts(str.startswith)),
        Operator("ends_with", _("ends with"), ("text",), "text", _ends_sql, _starts(str.endswith)),
        Operator("gt", _("is more than"), numeric, "number", *_compare(">", lambda found, limit: found > limit)),
        Operator("gte", _("is at least"), numeric, "number", *_compare(">=", lambda found, limit: found >= limit)),
        Operator("lt", _("is less than"), numeric, "number", *_compare("<", lambda found, limit: found < limit)),
        Operator("lte", _("is at most"), numeric, "number", *_compare("<=", lambda found, limit: found <= limit)),
        is_set,
        _not("is_not_set", _("is not known"), is_set),
        Operator("is_true", _("is yes"), flag, "none", _in("true", '"true"'), lambda v, w, n: v is True or v == "true"),
        Operator(
            "is_false", _("is no"), flag, "none", _in("false", '"false"'), lambda v, w, n: v is False or v == "false"
        ),
        Operator("before", _("is before"), date, "moment", *_against("<", lambda found, limit: found < limit)),
        Operator("after", _("is after"), date, "moment", *_against(">", lambda found, limit: found > limit)),
        in_last,
        _not("not_in_last", _("is not in the last"), in_last),
    ]


OPERATORS: Final[dict[str, Operator]] = {operator.name: operator for operator in _operators()}


def holds(operator: str, properties: Any, path: str, argument: Any, now: datetime) -> bool:
    """Whether the value under `path` passes."""
    return OPERATORS[operator].holds(at_path(properties, path), argument, now)


def as_sql(operator: str, column: Fragment, path: str, argument: Any, now: datetime) -> Fragment:
    """The same question about a jsonb column; NULL means no."""
    return OPERATORS[operator].sql(column, path, argument, now)
