"""Days on which people of a country work. Calendars are those of the `holidays` package, loaded when first asked."""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

from journeys.models.calendar import on_the_wall

LONGEST_BREAK: Final = 60  # days; no country rests longer


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """ISO code → English name, by name."""
    from holidays.registry import COUNTRIES  # a third of a second that most processes never need

    known = {codes[1]: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", codes[0]) for codes in COUNTRIES.values()}
    return dict(sorted(known.items(), key=lambda one: one[1]))


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    from holidays.registry import COUNTRIES

    return {code: codes[1] for codes in COUNTRIES.values() for code in codes[1:3]}


def country_of(value: Any) -> str:
    """The country that "de" or "DEU" stands for; empty where it is none that has a calendar."""
    return _codes().get(value.strip().upper(), "") if isinstance(value, str) else ""


def regions(country: str) -> dict[str, str]:
    """Regions of a country that have holidays of their own: code → name, by name."""
    if country not in countries():
        return {}
    calendar = _calendar(country, "")
    names = calendar.get_subdivision_aliases()
    known = {code: max(names.get(code, ()), key=len, default=code) for code in calendar.subdivisions}
    return dict(sorted(known.items(), key=lambda one: one[1]))


@lru_cache(maxsize=64)
def _calendar(country: str, region: str) -> Any:
    from holidays import country_holidays

    return country_holidays(country, subdiv=region or None)


@lru_cache(maxsize=4096)
def is_business_day(day: date, country: str, region: str = "") -> bool:
    """Neither weekend nor holiday, or a weekend on which a country works for a bridge day. No country: Monday to
    Friday.
    """
    return bool(_calendar(country, region).is_working_day(day)) if country else day.weekday() < 5


def next_opening(since: datetime, after: int, at: time, zone: Any, country: str, region: str = "") -> datetime:
    """When it is this hour on the business day so many after today; 0: now, if today is one and the hour has passed."""
    day = since.astimezone(zone).date()
    if after == 0 and is_business_day(day, country, region):
        return max(since, on_the_wall(day, at, zone))
    left = max(after, 1)
    for _unused in range(left * 7 + LONGEST_BREAK):
        day += timedelta(days=1)
        left -= is_business_day(day, country, region)
        if left == 0:
            break
    return on_the_wall(day, at, zone)
