"""When the clock calls, and whom: repetition by the calendar, and dates of people."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeys.engine.admission import as_key
from journeys.models import Node
from journeys.models.calendar import anniversary, shifted
from journeys.models.recurrence import Recurrence
from journeys.registry import node_kinds

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
NINE = time(9)


def made(kind: str, **fields: Any) -> Node:
    node: Node = node_kinds()[kind](key="n1", **fields)
    return node


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def times(recurrence: Recurrence, after: str, n: int, zone: ZoneInfo = BERLIN) -> list[str]:
    found, at = [], utc(after)
    for _ in range(n):
        next_at = recurrence.after(at, zone)
        if next_at is None:
            break
        at = next_at
        found.append(f"{at:%Y-%m-%dT%H:%M}")
    return found


@pytest.mark.parametrize(
    ("recurrence", "after", "expected"),
    [
        (Recurrence("once", NINE, date(2026, 3, 5)), "2026-03-02T00:00", ["2026-03-05T08:00"]),
        (Recurrence("once", NINE, date(2026, 3, 5)), "2026-03-05T08:00", []),
        (Recurrence("once", NINE), "2026-03-05T08:00", []),
        # The hour on the wall stays when clocks change; one that is skipped moves on, of two the first counts.
        (Recurrence("daily", NINE), "2026-03-27T12:00", ["2026-03-28T08:00", "2026-03-29T07:00", "2026-03-30T07:00"]),
        (Recurrence("daily", time(2, 30)), "2026-03-28T12:00", ["2026-03-29T01:30", "2026-03-30T00:30"]),
        (Recurrence("daily", time(2, 30)), "2026-10-24T12:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),
        (
            Recurrence("daily", NINE, date(2026, 3, 3), date(2026, 3, 4)),
            "2026-01-01T00:00",
            ["2026-03-03T08:00", "2026-03-04T08:00"],
        ),
        (
            Recurrence("weekly", NINE, weekdays=frozenset({0, 4})),
            "2026-03-02T08:00",  # a Monday, just then
            ["2026-03-06T08:00", "2026-03-09T08:00", "2026-03-13T08:00"],
        ),
        (Recurrence("weekly", NINE), "2026-03-02T08:00", []),
        # Where a month is shorter, its last day counts; also in a leap year.
        (
            Recurrence("monthly", NINE, month_day=31),
            "2028-01-15T00:00",
            ["2028-01-31T08:00", "2028-02-29T08:00", "2028-03-31T07:00", "2028-04-30T07:00"],
        ),
        (Recurrence("monthly", NINE, month_day=30), "2026-02-01T00:00", ["2026-02-28T08:00", "2026-03-30T07:00"]),
        (Recurrence("monthly", NINE, month_day=1), "2026-02-01T08:00", ["2026-03-01T08:00", "2026-04-01T07:00"]),
        # Every n is counted from the first day; weeks begin on Monday.
        (
            Recurrence("daily", NINE, date(2026, 3, 1), every=3),
            "2026-03-02T00:00",
            ["2026-03-04T08:00", "2026-03-07T08:00", "2026-03-10T08:00"],
        ),
        (
            Recurrence("weekly", NINE, date(2026, 3, 4), weekdays=frozenset({0, 4}), every=2),  # from a Wednesday on
            "2026-01-01T00:00",
            ["2026-03-06T08:00", "2026-03-16T08:00", "2026-03-20T08:00", "2026-03-30T07:00"],
        ),
        (
            Recurrence("monthly", NINE, date(2026, 3, 15), month_day=31, every=3),
            "2026-03-31T07:00",
            ["2026-06-30T07:00", "2026-09-30T07:00", "2026-12-31T08:00"],
        ),
        (
            Recurrence("monthly", NINE, date(2026, 3, 15), date(2026, 9, 10), month_day=10, every=3),
            "2026-03-01T00:00",
            ["2026-06-10T07:00", "2026-09-10T07:00"],
        ),
        (Recurrence("weekly", NINE, weekdays=frozenset({0}), every=2), "2026-03-02T00:00", []),
        (Recurrence("daily", NINE, date(2026, 3, 1), every=52), "2026-04-22T07:00", ["2026-06-13T07:00"]),
    ],
)
def test_what_is_repeated(recurrence: Recurrence, after: str, expected: list[str]) -> None:
    assert times(recurrence, after, max(1, len(expected))) == expected


@pytest.mark.parametrize(
    ("config", "value", "day", "zone", "comes"),
    [
        ({}, "2026-03-05", "2026-03-05", BERLIN, True),
        ({}, "2026-03-05", "2027-03-05", BERLIN, False),
        ({"offset": 7}, "2026-03-05", "2026-02-26", BERLIN, True),
        ({"offset": 7, "side": "after"}, "2026-03-05", "2026-03-12", BERLIN, True),
        ({"offset": 1, "offset_unit": "months", "side": "after"}, "2026-01-31", "2026-02-28", BERLIN, True),
        ({"offset": 1, "offset_unit": "months", "side": "after"}, "2026-01-28", "2026-02-28", BERLIN, True),
        ({"offset": 1, "offset_unit": "months", "side": "after"}, "2026-01-27", "2026-02-28", BERLIN, False),
        ({"yearly": True}, "1990-03-05", "2026-03-05", BERLIN, True),
        ({"yearly": True}, "2000-02-29", "2026-02-28", BERLIN, True),
        ({"yearly": True}, "2000-02-29", "2028-02-28", BERLIN, False),
        ({"yearly": True}, "2000-02-29", "2028-02-29", BERLIN, True),
        ({"yearly": True, "offset": 7}, "1990-01-03", "2026-12-27", BERLIN, True),
        ({"yearly": True}, "2027-03-05", "2026-03-05", BERLIN, False),  # the date itself is still to come
        # A moment is the day it is where they live.
        ({}, "2026-03-05T23:30:00Z", "2026-03-06", BERLIN, True),
        ({}, "2026-03-05T23:30:00Z", "2026-03-05", NEW_YORK, True),
        ({}, "2026-03-05T23:30:00Z", "2026-03-05", BERLIN, False),
        ({}, "soon", "2026-03-05", BERLIN, False),
        ({"yearly": True}, None, "2026-03-05", BERLIN, False),
    ],
)
def test_dates_of_people(config: dict[str, Any], value: Any, day: str, zone: ZoneInfo, comes: bool) -> None:
    node = made("entry_date", attribute="renewal", **config)
    assert node.calls(value, date.fromisoformat(day), zone) is comes


@pytest.mark.parametrize("yearly", [False, True])
@pytest.mark.parametrize("unit", ["days", "weeks", "months"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_whoever_is_called_is_among_those_asked(yearly: bool, unit: str, side: str) -> None:
    """What the database is asked for names nobody too few: day by day over a leap year and its neighbours."""
    for offset in (0, 1, 6, 13):
        node = made("entry_date", attribute="x", yearly=yearly, offset_unit=unit, side=side, offset=offset)
        signed = -offset if side == "before" else offset
        for n in range(1100):
            born = date(2026, 6, 1) + timedelta(days=n)
            day = shifted(anniversary(born, born.year + 1) if yearly else born, signed, unit)
            crowd = node.crowd(day)
            assert crowd is not None
            assert node.calls(born.isoformat(), day, UTC)
            near = {found[-5:] if yearly else found for found in crowd.near}
            for away in (timedelta(days=-1), timedelta(0), timedelta(days=1)):
                text = (born + away).isoformat()
                assert (text[5:] if yearly else text) in near
            assert len(near) < 14


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("A-7", "A-7"),
        (17, "17"),
        ("17", "17"),
        (17.0, "17"),
        (1700, "1700"),
        (0, "0"),
        (None, ""),
        (True, ""),
        ([1], ""),
    ],
)
def test_what_tells_two_runs_apart(value: Any, key: str) -> None:
    assert as_key(value) == key


def test_a_long_key_is_shortened_and_still_its_own() -> None:
    long = "x" * 500
    assert len(as_key(long)) == 40
    assert as_key(long) != as_key(long + "x")


@pytest.mark.parametrize(
    ("config", "summary"),
    [
        ({"first_day": date(2026, 3, 5)}, "**…** come in **on March 5, 2026** at **9 a.m.**"),
        ({"repeat": "weekly", "clock": "theirs"}, "**…** come in **every Monday** at **9 a.m.** where they live"),
        ({"repeat": "weekly", "weekdays": [0, 4]}, "**…** come in **every Mon, Fri** at **9 a.m.**"),
        (
            {"repeat": "weekly", "weekdays": [0, 4], "every": 2},
            "**…** come in **every 2 weeks on Mon, Fri** at **9 a.m.**",
        ),
        ({"repeat": "monthly", "every": 3}, "**…** come in **on day 1 of every 3 months** at **9 a.m.**"),
        ({"repeat": "monthly", "month_day": 31}, "**…** come in **on day 31 of every month** at **9 a.m.**"),
    ],
)
def test_a_schedule_reads_as_a_sentence(config: dict[str, Any], summary: str) -> None:
    assert made("entry_schedule", **config).summary() == summary


def test_a_date_reads_as_a_sentence() -> None:
    node = made("entry_date", attribute="renewal_date", offset=7, yearly=True)
    assert node.summary() == "**7 days** before **renewal date**, at **9 a.m.** where they live, every year"


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["daily", "weekly", "monthly"]),
    st.integers(1, 5),
    st.dates(date(2026, 1, 1), date(2026, 3, 31)),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(1, 31),
    st.dates(date(2025, 12, 1), date(2027, 3, 31)),
)
def test_every_day_that_fits_is_found(
    repeat: str, every: int, first: date, weekdays: frozenset[int], month_day: int, begin: date
) -> None:
    """The next one, by looking at each day."""
    told = Recurrence(repeat, NINE, first, None, weekdays, month_day, every)

    def fits(day: date) -> bool:
        ends = (day + timedelta(days=1)).day == 1
        weeks = (day - timedelta(days=day.weekday()) - first + timedelta(days=first.weekday())).days // 7
        months = (day.year - first.year) * 12 + day.month - first.month
        turn = {"daily": (day - first).days, "weekly": weeks, "monthly": months}[repeat] % every == 0
        on = {"daily": True, "weekly": day.weekday() in weekdays}.get(
            repeat, day.day == month_day or (ends and day.day < month_day)
        )
        return day >= first and turn and on

    day = next(day for n in range(1, 900) if fits(day := begin + timedelta(days=n)))
    found = told.after(datetime.combine(begin, NINE, BERLIN), BERLIN)
    assert found == datetime.combine(day, NINE, BERLIN)
