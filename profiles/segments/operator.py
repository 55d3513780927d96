"""What an operator is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise

from profiles.segments.fragment import Fragment, sql
from profiles.segments.reading import Argument

Sql = Callable[[Fragment, str, Any, datetime], Fragment]
Test = Callable[[Any], bool]
Prepare = Callable[[Any, datetime], Test]
Offsets = Callable[[Any], tuple[timedelta, ...]]
Calendar = Callable[[Any, datetime], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Operator:
    """`sql(column, path, argument, now)` and `test(argument, now)(value)` mean the same; NULL means no.

    A test is prepared once and asked of many values. `have` is the operator as a verb with %(field)s and %(value)s.
    Where the clock alone can change the answer, either `offsets(argument)` says how long after its date that happens,
    or `calendar(argument, now)` gives the days of the year ("03-31") that match now.
    """

    name: str
    label: str | Promise
    types: tuple[str, ...]
    argument: Argument
    sql: Sql
    test: Prepare
    have: str | Promise
    opposite: str = ""
    offsets: Offsets | None = None
    calendar: Calendar | None = None
    days: bool = False  # calendar days count: those of the zone that `now` carries

    @property
    def moves(self) -> bool:
        """Whether the answer can change with the clock alone."""
        return self.offsets is not None or self.calendar is not None


def negated(name: str, label: str | Promise, have: str | Promise, positive: Operator) -> Operator:
    """The exact complement."""

    def test(wanted: Any, now: datetime) -> Test:
        holds = positive.test(wanted, now)
        return lambda value: not holds(value)

    return Operator(
        name,
        label,
        positive.types,
        positive.argument,
        lambda column, path, wanted, now: sql("({}) IS NOT TRUE", positive.sql(column, path, wanted, now)),
        test,
        have,
        opposite=positive.name,
        offsets=positive.offsets,
        calendar=positive.calendar,
        days=positive.days,
    )
