"""Days and moments that somebody asks for: an address or a form gives them as text."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo

from django.utils.dateparse import parse_date, parse_datetime

MONTH = 30
LONGEST = 366
DAY = timedelta(days=1)


def end_of(text: str, zone: tzinfo) -> datetime | None:
    """The moment, or the end of the day; None where the text is neither."""
    try:
        if day := parse_date(text):
            return datetime.combine(day + DAY, time(), zone) - timedelta(microseconds=1)
        moment = parse_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=zone)


def span(asked: Mapping[str, str], now: datetime, zone: tzinfo) -> tuple[date, date] | None:
    """`since` and `until`, by default the last month; None where they are no days, or too far apart."""
    try:
        last = parse_date(asked["until"]) if asked.get("until") else now.astimezone(zone).date()
        first = parse_date(asked["since"]) if asked.get("since") else last and last - (MONTH - 1) * DAY
    except (ValueError, OverflowError):
        return None
    if first is None or last is None or not timedelta(0) <= last - first < LONGEST * DAY or last == date.max:
        return None
    return first, last
