"""Days, months, anniversaries and hours on the wall: the rules of docs/time.md, one by one."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journeys.models.calendar import DateRule, anniversary, months_later, on_the_wall, read

BERLIN, NEW_YORK, APIA, LORD_HOWE, CAIRO = (
    ZoneInfo(name)
    for name in ("Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Cairo")
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        (BERLIN, date(2026, 3, 28), time(2, 30), "2026-03-28T01:30"),
        (BERLIN, date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),  # skipped: the clock shows 3:30 then
        (BERLIN, date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),  # twice: the first
        (BERLIN, date(2026, 10, 25), time(2, 30, fold=1), "2026-10-25T00:30"),
        (NEW_YORK, date(2026, 3, 8), time(2, 0), "2026-03-08T07:00"),
        (LORD_HOWE, date(2026, 4, 5), time(1, 45), "2026-04-04T14:45"),  # clocks go back by half an hour
        (CAIRO, date(2026, 4, 24), time(0), "2026-04-23T22:00"),  # a day that begins at 1:00
        (APIA, date(2011, 12, 30), time(12), "2011-12-30T22:00"),  # a day that never was: the next one
    ],
)
def test_hours_on_the_wall(zone: ZoneInfo, day: date, at: time, expected: str) -> None:
    assert on_the_wall(day, at, zone) == utc(expected)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
    ],
)
def test_months_end_where_they_end(day: date, months: int, expected: date) -> None:
    assert months_later(day, months) == expected


def test_the_29th_of_february_is_the_28th_in_other_years() -> None:
    born = date(2000, 2, 29)
    assert [anniversary(born, year) for year in (2026, 2028, 2100)] == [
        date(2026, 2, 28),
        date(2028, 2, 29),
        date(2100, 2, 28),
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01T10:00:00+02:00", utc("2026-03-01T08:00")),
        ("2026-03-01 10:00", utc("2026-03-01T10:00")),
        ("2026-02-30", None),
        ("1066-10-14", None),
        ("soon", None),
        (20260301, None),
        (None, None),
    ],
)
def test_what_is_a_date(value: Any, expected: Any) -> None:
    assert read(value) == expected


@pytest.mark.parametrize(
    ("rule", "value", "since", "due", "over"),
    [
        # A week before, at nine in the morning of Berlin, on either side of the change to summer time.
        (DateRule(-7, "days", time(9)), "2026-04-02", "2026-03-01T00:00", "2026-03-26T08:00", False),
        (DateRule(-7, "days", time(9)), "2026-04-06", "2026-03-01T00:00", "2026-03-30T07:00", False),
        # The day itself lasts until midnight where they live.
        (DateRule(0, "days", time(9)), "2026-07-01", "2026-07-01T21:59", "2026-07-01T07:00", False),
        (DateRule(0, "days", time(9)), "2026-07-01", "2026-07-01T22:00", "2026-07-01T07:00", True),
        # A moment: its own hour on the wall, also across the change; hours are exact, and over with the moment.
        (DateRule(-1, "days"), "2026-03-29T10:00:00Z", "2026-03-01T00:00", "2026-03-28T11:00", False),
        (DateRule(-2, "hours"), "2026-03-29T02:00:00Z", "2026-03-29T00:00", "2026-03-29T00:00", False),
        (DateRule(-2, "hours"), "2026-03-29T02:00:00Z", "2026-03-29T00:01", "2026-03-29T00:00", True),
        (DateRule(0, "days"), "2026-10-25T01:30:00Z", "2026-10-01T00:00", "2026-10-25T01:30", False),
        (DateRule(1, "months", time(9)), "2026-01-31", "2026-01-01T00:00", "2026-02-28T08:00", False),
        # Every year.
        (DateRule(0, "days", time(9), yearly=True), "1990-07-01", "2026-07-01T06:59", "2026-07-01T07:00", False),
        (DateRule(0, "days", time(9), yearly=True), "1990-07-01", "2026-07-01T07:00", "2027-07-01T07:00", False),
        (DateRule(0, "days", time(9), yearly=True), "2000-02-29", "2026-02-01T00:00", "2026-02-28T08:00", False),
        (DateRule(-7, "days", time(9), yearly=True), "1990-01-03", "2026-12-20T00:00", "2026-12-27T08:00", False),
        (DateRule(30, "days", time(9), yearly=True), "1990-12-20", "2026-01-10T00:00", "2026-01-19T08:00", False),
        (DateRule(-6, "months", time(9), yearly=True), "1990-08-31", "2027-01-01T00:00", "2027-02-28T08:00", False),
    ],
)
def test_a_rule_about_a_date(rule: DateRule, value: str, since: str, due: str, over: bool) -> None:
    found = rule.due(value, BERLIN, utc(since))
    assert found == utc(due)
    assert rule.over(found, BERLIN, utc(since)) is over


def test_every_year_comes_round_for_any_offset() -> None:
    """Whenever one asks, the next one is ahead, and never more than a year and two days away."""
    for unit, amount in (
        ("days", 400),
        ("days", -400),
        ("months", -30),
        ("weeks", 60),
        ("hours", -80_000),
        ("days", 0),
    ):
        rule = DateRule(amount, unit, time(9), yearly=True)
        for days in range(0, 1500, 7):
            since = utc("2026-01-01T03:00") + timedelta(days=days)
            due = rule.due("1996-02-29", BERLIN, since)
            assert due is not None
            assert due > since
            assert due - since < timedelta(days=368), (unit, amount, since)


def test_what_is_no_date_has_no_rule() -> None:
    assert DateRule().due("soon", BERLIN, utc("2026-01-01T00:00")) is None
