"""Comparisons of texts, of yes and no, and of what is known at all."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.operator import Operator, Prepare, Sql, Test, negated
from profiles.segments.values import number, sql_json, sql_number, sql_text

AMBIGUOUS: Final = re.compile(r"[\[{+\-0-9]|(true|false)?$")  # texts that a number, a list or a yes may have too
ESCAPED: Final = re.compile(r'["\\\x00-\x1f\x7f]')  # signs that JSON may write otherwise


def operators() -> list[Operator]:
    """Equality and the shapes of a text."""
    text = ("text", "list")
    eq = Operator("eq", _("is"), ("text", "number"), "scalar", _equals_sql, _equals, _("have %(field)s %(value)s"))
    contains = Operator(
        "contains",
        _("contains"),
        text,
        "text",
        _contains_sql,
        _contains,
        _("have %(field)s containing %(value)s"),
    )
    return [
        eq,
        negated("ne", _("is not"), _("do not have %(field)s %(value)s"), eq),
        Operator(
            "one_of",
            _("is one of"),
            ("text", "number"),
            "scalars",
            _one_of_sql,
            _one_of,
            _("have %(field)s %(value)s"),
        ),
        contains,
        negated("not_contains", _("does not contain"), _("do not have %(field)s containing %(value)s"), contains),
        Operator(
            "starts_with",
            _("starts with"),
            ("text",),
            "text",
            _starts_sql,
            _text(str.startswith),
            _("have %(field)s starting with %(value)s"),
        ),
        Operator(
            "ends_with",
            _("ends with"),
            ("text",),
            "text",
            _ends_sql,
            _text(str.endswith),
            _("have %(field)s ending with %(value)s"),
        ),
        Operator(
            "matches",
            _("looks like"),
            ("text",),
            "text",
            _matches_sql,
            _matches,
            _("have %(field)s that looks like %(value)s"),
        ),
    ]


def known() -> list[Operator]:
    """Whether there is a value, and yes or no."""
    is_set = Operator(
        "is_set",
        _("is known"),
        (),
        "none",
        _is_set_sql,
        lambda wanted, now: lambda value: value is not None and value != "",
        _("have a known %(field)s"),
    )
    return [
        is_set,
        negated("is_not_set", _("is not known"), _("have no known %(field)s"), is_set),
        Operator(
            "is_true",
            _("is yes"),
            ("boolean",),
            "none",
            _reads("true"),
            lambda wanted, now: lambda value: value is True or value == "true",
            _("have %(field)s set to yes"),
        ),
        Operator(
            "is_false",
            _("is no"),
            ("boolean",),
            "none",
            _reads("false"),
            lambda wanted, now: lambda value: value is False or value == "false",
            _("have %(field)s set to no"),
        ),
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _equals(wanted: Any, now: datetime) -> Test:
    return _one_of((wanted,), now)


def _equals_sql(column: Fragment, path: str, wanted: Any, now: datetime) -> Fragment:
    return _one_of_sql(column, path, (wanted,), now)


def _one_of(wanted: tuple[Any, ...], now: datetime) -> Test:
    """A text is one of the texts, or reads as one of the numbers; a number is what any of them reads as."""
    texts = {one for one in wanted if isinstance(one, str)}
    numbers = {number(one) for one in wanted} - {None}
    strict = {number(one) for one in wanted if not isinstance(one, str)}

    def test(value: Any) -> bool:
        if isinstance(value, str):
            return value in texts or (bool(strict) and number(value) in strict)
        return _is_number(value) and number(value) in numbers

    return test


def _contains(wanted: str, now: datetime) -> Test:
    def test(value: Any) -> bool:
        if isinstance(value, list):
            return any(isinstance(item, str) and item == wanted for item in value)
        return isinstance(value, str) and wanted in value

    return test


def _contains_sql(column: Fragment, path: str, wanted: str, now: datetime) -> Fragment:
    """An item of a list stands in the list's text as it is, unless JSON writes it otherwise: so ask the text first."""
    found, text = sql_json(column, path), sql_text(column, path)
    exact = sql(
        "CASE jsonb_typeof({}) WHEN 'string' THEN strpos({}, {}) > 0 WHEN 'array' THEN {} @> {}::jsonb END",
        *(found, text, wanted, found, json.dumps([wanted], ensure_ascii=False)),
    )
    return exact if ESCAPED.search(wanted) else sql("strpos({}, {}) > 0 AND {}", text, wanted, exact)


def _starts_sql(column: Fragment, path: str, wanted: str, now: datetime) -> Fragment:
    found, text = sql_json(column, path), sql_text(column, path)
    return sql("starts_with({}, {}) AND jsonb_typeof({}) = 'string'", text, wanted, found)


def _ends_sql(column: Fragment, path: str, wanted: str, now: datetime) -> Fragment:
    found, text = sql_json(column, path), sql_text(column, path)
    return sql("right({}, {}) = {} AND jsonb_typeof({}) = 'string'", text, len(wanted), wanted, found)


@lru_cache(maxsize=1024)
def _pattern(wanted: str) -> re.Pattern[str]:
    """`*` stands for any letters, `?` for one. Runs of stars are one, so that matching stays quick."""
    parts = re.split(r"(\*+|\?)", wanted)
    marks = {"*": ".*", "?": "."}
    return re.compile("".join(marks[part[0]] if part[:1] in marks else re.escape(part) for part in parts), re.DOTALL)


def _matches_sql(column: Fragment, path: str, wanted: str, now: datetime) -> Fragment:
    found, text = sql_json(column, path), sql_text(column, path)
    like = re.sub(r"([\\%_])", r"\\\1", wanted)
    like = re.sub(r"\*+", "%", like).replace("?", "_")
    return sql("{} LIKE {} AND jsonb_typeof({}) = 'string'", text, like, found)


def _matches(wanted: str, now: datetime) -> Test:
    fits = _pattern(wanted).fullmatch
    return lambda value: isinstance(value, str) and fits(value) is not None


def _text(holds: Callable[[str, str], bool]) -> Prepare:
    return lambda wanted, now: lambda value: isinstance(value, str) and holds(value, wanted)


def _is_set_sql(column: Fragment, path: str, wanted: Any, now: datetime) -> Fragment:
    """Nothing and null have no text; only the empty text has an empty one."""
    return sql("{} <> ''", sql_text(column, path))


def _reads(word: str) -> Sql:
    """true and "true" have the same text, and nothing else has."""
    return lambda column, path, wanted, now: sql("{} = {}", sql_text(column, path), word)


def _one_of_sql(column: Fragment, path: str, wanted: tuple[Any, ...], now: datetime) -> Fragment:
    """A number also finds text that reads as that number, and text that reads as a number finds that number.

    Most texts can only be the text of a text, and are compared as such, which costs half; the others as JSON.
    """
    texts = [one for one in wanted if isinstance(one, str) and not AMBIGUOUS.match(one)]
    same: list[str] = []
    for one in wanted:
        if isinstance(one, str) and AMBIGUOUS.match(one):
            same.append(json.dumps(one, ensure_ascii=False))
            if (as_number := number(one)) is not None:
                same.append(str(as_number))
    numbers = [number(one) for one in wanted if not isinstance(one, str)]
    parts = []
    if texts:
        one_text = sql("{} = {}", sql_text(column, path), texts[0])
        parts.append(one_text if len(texts) == 1 else sql("{} = ANY({}::text[])", sql_text(column, path), texts))
    if same:
        parts.append(sql("{} = ANY({}::jsonb[])", sql_json(column, path), same))
    if numbers:
        parts.append(sql("({}) = ANY({}::numeric[])", sql_number(column, path), numbers))
    return join("OR", parts)
