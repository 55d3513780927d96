"""Days, windows and anniversaries, at the edges: the zone's midnight, a change of the clocks, the 29th of February."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from profiles.segments import windows
from profiles.segments.date_operators import days_of_year
from profiles.segments.filters import PropertyFilter, where_holds
from profiles.segments.periods import Period
from profiles.segments.reading import ConditionError
from profiles.segments.zone import carry

BERLIN = ZoneInfo("Europe/Berlin")
TICK = timedelta(microseconds=1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def holds(op: str, found: object, value: object, now: datetime) -> bool:
    return where_holds((PropertyFilter("day", op, value),), {"day": found}, now)  # type: ignore[arg-type]


def test_a_day_begins_and_ends_at_the_midnights_of_its_zone() -> None:
    """The 29th of March 2026 has 23 hours in Berlin."""
    now = carry(utc(2026, 4, 1), BERLIN)
    window = windows.read({"from": "2026-03-29", "to": "2026-03-29"}, "")
    assert window is not None
    stretch = window.stretch(now)
    assert (stretch.after, stretch.until) == (utc(2026, 3, 28, 23) - TICK, utc(2026, 3, 29, 22) - TICK)
    assert [stretch.holds(at) for at in (utc(2026, 3, 28, 23), utc(2026, 3, 29, 21, 59), utc(2026, 3, 29, 22))] == [
        True,
        True,
        False,
    ]


def test_before_leaves_its_day_out_and_after_has_it_in() -> None:
    now = utc(2026, 4, 1)
    before, after = windows.read({"before": "2026-03-29"}, ""), windows.read({"after": "2026-03-29"}, "")
    assert before is not None
    assert after is not None
    midnight = utc(2026, 3, 29)
    assert [before.stretch(now).holds(midnight), before.stretch(now).holds(midnight - TICK)] == [False, True]
    assert [after.stretch(now).holds(midnight), after.stretch(now).holds(midnight - TICK)] == [True, False]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"from": "2026-03-02", "to": "2026-03-01"}, "within.to"),
        ({"from": {"amount": 1, "unit": "days"}, "to": {"amount": 24, "unit": "hours"}}, "within.to"),
        ({"from": "2026-03-02"}, "within.to"),
        ({"since": ""}, "within.since"),
        ({"since": "Signed Up", "pick": "middle"}, "within.pick"),
        ({"before": "soon"}, "within.before"),
        ({"before": "2026-03-02", "after": "2026-03-01"}, "within.after"),
        ("yesterday", "within"),
    ],
)
def test_windows_that_cannot_be_understood_are_refused(raw: object, path: str) -> None:
    with pytest.raises(ConditionError) as refused:
        windows.read(raw, "within")
    assert refused.value.path == path


def test_the_day_of_the_year_wraps_and_leaps() -> None:
    assert days_of_year(date(2025, 12, 31), 1) == {"12-31", "01-01"}
    assert days_of_year(date(2026, 2, 28), 0) == {"02-28", "02-29"}
    assert days_of_year(date(2028, 2, 28), 0) == {"02-28"}
    assert days_of_year(date(2028, 2, 28), 1) == {"02-28", "02-29"}


def test_a_birthday_is_a_day_of_the_workspace() -> None:
    """At 23:30 UTC it is the next day in Berlin already."""
    evening = utc(2026, 3, 1, 23, 30)
    assert [holds("anniversary_today", "1990-03-02", None, now) for now in (evening, carry(evening, BERLIN))] == [
        False,
        True,
    ]
    week = Period(1, "weeks")
    assert holds("anniversary_in_next", "1990-03-08", week, evening)
    assert not holds("anniversary_in_next", "1990-03-09", week, evening)
    assert holds("anniversary_in_next", "1990-03-09", week, carry(evening, BERLIN))
    assert holds("anniversary_in_last", "1990-02-22", week, evening)
    assert not holds("anniversary_in_last", "1990-02-21", week, evening)
    assert holds("on", "2026-03-01T23:30:00Z", "2026-03-02", carry(evening, BERLIN))
    assert holds("date_between", "2026-03-02", ("2026-03-01", "2026-03-02"), evening)


def test_hours_are_hours_where_clocks_change() -> None:
    """24 hours before the first noon of summer time it was eleven o'clock on the wall."""
    noon = utc(2026, 3, 29, 10)
    window = windows.read({"amount": 24, "unit": "hours"}, "")
    assert window is not None
    assert window.stretch(carry(noon, BERLIN)).after == utc(2026, 3, 28, 10)
    assert holds("in_last", "2026-03-28T10:30:00Z", Period(24, "hours"), carry(noon, BERLIN))
    assert not holds("in_last", "2026-03-28T09:30:00Z", Period(24, "hours"), carry(noon, BERLIN))
