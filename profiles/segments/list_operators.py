"""Comparisons of lists. A single value counts as a list of one; texts and numbers are compared strictly."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.operator import Operator, negated
from profiles.segments.values import number, sql_json


def operators() -> list[Operator]:
    """Any, all, none."""
    includes_any = Operator(
        "includes_any",
        _("includes any of"),
        ("list",),
        "scalars",
        lambda column, path, wanted, now: _includes_sql("OR", column, path, wanted),
        lambda value, wanted, now: any(_includes(value, one) for one in wanted),
        _("have %(value)s among their %(field)s"),
    )
    return [
        includes_any,
        Operator(
            "includes_all",
            _("includes all of"),
            ("list",),
            "scalars",
            lambda column, path, wanted, now: _includes_sql("AND", column, path, wanted),
            lambda value, wanted, now: all(_includes(value, one) for one in wanted),
            _("have all of %(value)s among their %(field)s"),
        ),
        negated(
            "includes_none", _("includes none of"), _("have none of %(value)s among their %(field)s"), includes_any
        ),
    ]


def _includes(value: Any, wanted: str | int | float) -> bool:
    items: Iterable[Any] = value if isinstance(value, list) else (value,)
    if isinstance(wanted, str):
        return any(isinstance(item, str) and item == wanted for item in items)
    return any(
        isinstance(item, int | float | Decimal) and not isinstance(item, bool) and number(item) == number(wanted)
        for item in items
    )


def _includes_sql(word: str, column: Fragment, path: str, wanted: tuple[Any, ...]) -> Fragment:
    """A list contains a single value when it is one of its items."""
    found = sql_json(column, path)
    texts = [json.dumps(one, ensure_ascii=False) if isinstance(one, str) else str(number(one)) for one in wanted]
    return join(word, [sql("{} @> {}::jsonb", found, text) for text in texts])
