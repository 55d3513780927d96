"""Comparisons of lists. A single value counts as a list of one; texts and numbers are compared strictly."""

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.operator import Operator, Test, negated
from profiles.segments.values import number, sql_json


def operators() -> list[Operator]:
    """Any, all, none."""
    includes_any = Operator(
        "includes_any",
        _("includes any of"),
        ("list",),
        "scalars",
        lambda column, path, wanted, now: _includes_sql("OR", column, path, wanted),
        lambda wanted, now: _includes(any, wanted),
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
            lambda wanted, now: _includes(all, wanted),
            _("have all of %(value)s among their %(field)s"),
        ),
        negated(
            "includes_none", _("includes none of"), _("have none of %(value)s among their %(field)s"), includes_any
        ),
    ]


def _includes(enough: Callable[[Iterable[bool]], bool], wanted: Iterable[str | int | float]) -> Test:
    """Texts stand for themselves, numbers for their value."""
    keys = [one if isinstance(one, str) else number(one) for one in wanted]

    def test(value: Any) -> bool:
        items = {_key(item) for item in (value if isinstance(value, list) else (value,))}
        return enough(key in items for key in keys)

    return test


def _key(item: Any) -> str | Decimal | None:
    if isinstance(item, str):
        return item
    return number(item) if isinstance(item, int | float | Decimal) else None


def _includes_sql(word: str, column: Fragment, path: str, wanted: tuple[Any, ...]) -> Fragment:
    """A list contains a single value when it is one of its items."""
    found = sql_json(column, path)
    texts = [json.dumps(one, ensure_ascii=False) if isinstance(one, str) else str(number(one)) for one in wanted]
    return join(word, [sql("{} @> {}::jsonb", found, text) for text in texts])
