"""Every operator, once: its label, the types it fits, the argument it takes, its meaning in SQL and in Python.

A negative operator is the exact complement of its positive: "country is not DE" holds for somebody without a country.
Everything else never holds for a value that is missing or of a kind it cannot read. `values` says how values are read.
`now` carries the zone whose calendar days count.
"""

from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from profiles.segments import date_operators, list_operators, number_operators, text_operators
from profiles.segments.fragment import Fragment
from profiles.segments.operator import Operator, Test
from profiles.segments.periods import Period
from profiles.segments.values import moment, reader

OPERATORS: Final[dict[str, Operator]] = {
    operator.name: operator
    for operator in (
        *text_operators.operators(),
        *number_operators.operators(),
        *text_operators.known(),
        *date_operators.operators(),
        *list_operators.operators(),
    )
}


def test(operator: str, path: str, argument: Any, now: datetime) -> Test:
    """The question whether the value under `path` passes, to be asked of properties or attributes."""
    passes, read = OPERATORS[operator].test(argument, now), reader(path)
    return lambda properties: passes(read(properties))


def holds(operator: str, properties: Any, path: str, argument: Any, now: datetime) -> bool:
    """The same, asked once."""
    return test(operator, path, argument, now)(properties)


def as_sql(operator: str, column: Fragment, path: str, argument: Any, now: datetime) -> Fragment:
    """The same question about a jsonb column; NULL means no."""
    return OPERATORS[operator].sql(column, path, argument, now)


def value_in_words(value: Any) -> str:
    """An argument as people write it."""
    if value is None:
        return ""
    if isinstance(value, Period):
        return value.words()
    if isinstance(value, tuple):
        return _(" or ").join(value_in_words(one) for one in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return number_format(value)
    if (found := moment(value)) is not None:
        return date_format(found, "DATE_FORMAT") if len(value) == 10 else date_format(found, "DATETIME_FORMAT")
    return str(value)


def have(operator: str, field: str, value: Any) -> str:
    """ "have country Germany": an operator as a verb of "people who"."""
    one = OPERATORS[operator]
    if one.argument in ("numbers", "days"):
        low, high = (value_in_words(bound) for bound in value)
        text = _("%(low)s and %(high)s") % {"low": low, "high": high}
    else:
        text = value_in_words(value)
    words: str | Promise = one.have
    return " ".join((str(words) % {"field": field, "value": text}).split())
