"""Comparisons of numbers, and the signs that other questions compare numbers with."""

import operator
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from profiles.segments.fragment import Fragment, sql
from profiles.segments.operator import Operator, Prepare, Sql, Test
from profiles.segments.values import number, sql_number

Sign = Callable[[Any, Any], bool]
SIGNS: Final[dict[str, tuple[str, Sign]]] = {
    "gt": (">", operator.gt),
    "gte": (">=", operator.ge),
    "lt": ("<", operator.lt),
    "lte": ("<=", operator.le),
    "eq": ("=", operator.eq),
}


def operators() -> list[Operator]:
    """More, less and between."""
    return [
        Operator("gt", _("is more than"), ("number",), "number", *_compare("gt"), _("have %(field)s above %(value)s")),
        Operator(
            "gte",
            _("is at least"),
            ("number",),
            "number",
            *_compare("gte"),
            _("have %(field)s of at least %(value)s"),
        ),
        Operator("lt", _("is less than"), ("number",), "number", *_compare("lt"), _("have %(field)s below %(value)s")),
        Operator(
            "lte",
            _("is at most"),
            ("number",),
            "number",
            *_compare("lte"),
            _("have %(field)s of at most %(value)s"),
        ),
        Operator(
            "between",
            _("is between"),
            ("number",),
            "numbers",
            _between_sql,
            _between,
            _("have %(field)s between %(value)s"),
        ),
    ]


def _compare(name: str) -> tuple[Sql, Prepare]:
    sign, holds = SIGNS[name]

    def in_sql(column: Fragment, path: str, wanted: Any, now: datetime) -> Fragment:
        return sql("({}) " + sign + " {}::numeric", sql_number(column, path), number(wanted))

    def in_python(wanted: Any, now: datetime) -> Test:
        limit = number(wanted)
        return lambda value: (found := number(value)) is not None and holds(found, limit)

    return in_sql, in_python


def _between_sql(column: Fragment, path: str, wanted: tuple[Any, Any], now: datetime) -> Fragment:
    low, high = (number(one) for one in wanted)
    return sql("({}) BETWEEN {}::numeric AND {}::numeric", sql_number(column, path), low, high)


def _between(wanted: tuple[Any, Any], now: datetime) -> Test:
    low, high = (number(one) or Decimal(0) for one in wanted)
    return lambda value: (found := number(value)) is not None and low <= found <= high
