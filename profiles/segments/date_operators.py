"""Comparisons of dates: with a day, with the clock, and with the day of the year.

Whole days are those of the zone that `now` carries; a date without a time is the day as it is written. Who was born on
the 29th of February has the birthday on the 28th in other years.
"""

import operator
from calendar import isleap
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.operator import Operator, Prepare, Sql, Test, negated
from profiles.segments.periods import Period
from profiles.segments.values import day, moment, sql_day, sql_moment
from profiles.segments.zone import zone_of

DATE = ("date",)


def operators() -> list[Operator]:
    """All of them, those in use most first."""
    in_last = Operator(
        "in_last",
        _("is in the last"),
        DATE,
        "period",
        *_range(lambda length, now: (now - length, now)),
        _("have %(field)s in the last %(value)s"),
        offsets=lambda period: (timedelta(0), period.length),
    )
    return [
        Operator(
            "before",
            _("is before"),
            DATE,
            "moment",
            *_against("<", operator.lt),
            _("have %(field)s before %(value)s"),
        ),
        Operator(
            "after",
            _("is after"),
            DATE,
            "moment",
            *_against(">", operator.gt),
            _("have %(field)s after %(value)s"),
        ),
        Operator("on", _("is on"), DATE, "day", _on_sql, _on, _("have %(field)s on %(value)s"), days=True),
        Operator(
            "date_between",
            _("is between"),
            DATE,
            "days",
            _between_sql,
            _between,
            _("have %(field)s between %(value)s"),
            days=True,
        ),
        in_last,
        negated("not_in_last", _("is not in the last"), _("do not have %(field)s in the last %(value)s"), in_last),
        Operator(
            "in_next",
            _("is in the next"),
            DATE,
            "period",
            *_range(lambda length, now: (now, now + length)),
            _("have %(field)s in the next %(value)s"),
            offsets=lambda period: (timedelta(0), -period.length),
        ),
        Operator(
            "more_than_ago",
            _("is longer ago than"),
            DATE,
            "period",
            *_range(lambda length, now: (None, now - length)),
            _("have %(field)s longer ago than %(value)s"),
            offsets=lambda period: (period.length,),
        ),
        *_anniversaries(),
    ]


def _anniversaries() -> list[Operator]:
    return [
        Operator(
            "anniversary_today",
            _("has its day today"),
            DATE,
            "none",
            *_yearly(lambda wanted, today: (today, 0)),
            _("have the day of %(field)s today"),
            calendar=lambda wanted, now: days_of_year(now.date(), 0),
            days=True,
        ),
        Operator(
            "anniversary_in_next",
            _("has its day in the next"),
            DATE,
            "days_period",
            *_yearly(lambda wanted, today: (today, wanted.length.days)),
            _("have the day of %(field)s in the next %(value)s"),
            calendar=lambda wanted, now: days_of_year(now.date(), wanted.length.days),
            days=True,
        ),
        Operator(
            "anniversary_in_last",
            _("had its day in the last"),
            DATE,
            "days_period",
            *_yearly(lambda wanted, today: (today - wanted.length, wanted.length.days)),
            _("had the day of %(field)s in the last %(value)s"),
            calendar=lambda wanted, now: days_of_year(now.date() - wanted.length, wanted.length.days),
            days=True,
        ),
    ]


def days_of_year(first: date, more: int) -> frozenset[str]:
    """The days of the year ("03-31") from `first` on, `more` days further."""
    days = [first + timedelta(days=n) for n in range(more + 1)]
    found = {f"{one:%m-%d}" for one in days}
    if any((one.month, one.day) == (2, 28) and not isleap(one.year) for one in days):
        found.add("02-29")
    return frozenset(found)


def _against(sign: str, holds: Callable[[Any, Any], bool]) -> tuple[Sql, Prepare]:
    def in_sql(column: Fragment, path: str, wanted: str, now: datetime) -> Fragment:
        return sql("({}) " + sign + " {}::timestamptz", sql_moment(column, path), moment(wanted))

    def in_python(wanted: str, now: datetime) -> Test:
        limit = moment(wanted)
        return lambda value: (found := moment(value)) is not None and holds(found, limit)

    return in_sql, in_python


def _range(bounds: Callable[[timedelta, datetime], tuple[datetime | None, datetime]]) -> tuple[Sql, Prepare]:
    """Later than the first bound, and not later than the second."""

    def in_sql(column: Fragment, path: str, wanted: Period, now: datetime) -> Fragment:
        (after, until), found = bounds(wanted.length, now), sql_moment(column, path)
        tests = [sql("({}) <= {}", found, until)]
        return join("AND", [sql("({}) > {}", found, after), *tests] if after else tests)

    def in_python(wanted: Period, now: datetime) -> Test:
        after, until = bounds(wanted.length, now)
        return lambda v: (found := moment(v)) is not None and (after is None or found > after) and found <= until

    return in_sql, in_python


def _on_sql(column: Fragment, path: str, wanted: str, now: datetime) -> Fragment:
    return sql("({}) = {}", sql_day(column, path, zone_of(now)), wanted)


def _on(wanted: str, now: datetime) -> Test:
    zone = zone_of(now)
    return lambda value: day(value, zone) == wanted


def _between_sql(column: Fragment, path: str, wanted: tuple[str, str], now: datetime) -> Fragment:
    return sql('(({}) COLLATE "C") BETWEEN {} AND {}', sql_day(column, path, zone_of(now)), *wanted)


def _between(wanted: tuple[str, str], now: datetime) -> Test:
    (first, last), zone = wanted, zone_of(now)
    return lambda value: (found := day(value, zone)) is not None and first <= found <= last


def _yearly(stretch: Callable[[Any, date], tuple[date, int]]) -> tuple[Sql, Prepare]:
    """The day of the year lies in a stretch of days."""

    def in_sql(column: Fragment, path: str, wanted: Any, now: datetime) -> Fragment:
        days = sorted(days_of_year(*stretch(wanted, now.date())))
        return sql("substr(({}), 6) = ANY({}::text[])", sql_day(column, path, zone_of(now)), days)

    def in_python(wanted: Any, now: datetime) -> Test:
        days, zone = days_of_year(*stretch(wanted, now.date())), zone_of(now)
        return lambda value: (found := day(value, zone)) is not None and found[5:] in days

    return in_sql, in_python
