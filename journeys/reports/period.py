"""The days a report is about, as whole days of the workspace's zone, and the same number of days before them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.shared.numbers import number

PRESETS: Final = (7, 30, 90)
LONGEST: Final = 366


@dataclass(frozen=True, slots=True)
class Period:
    """From the first moment of `first` to the last moment of `last` in `zone`."""

    first: date
    last: date
    zone: ZoneInfo
    preset: int | None = None

    @classmethod
    def last_days(cls, days: int, now: datetime, zone: ZoneInfo) -> "Period":
        """The `days` days that end with today."""
        today = now.astimezone(zone).date()
        return cls(today - timedelta(days=days - 1), today, zone, days)

    @classmethod
    def parse(cls, params: Mapping[str, str], now: datetime, zone: ZoneInfo) -> "Period":
        """What an address asks for: `days=7|30|90`, or `from=` and `to=` as ISO dates; else the last 30 days."""
        first, last = _date(params.get("from")), _date(params.get("to"))
        if first and last:
            first, last = min(first, last), max(first, last)
            return cls(max(first, last - timedelta(days=LONGEST - 1)), last, zone)
        days = number(params.get("days"))
        return cls.last_days(days if days in PRESETS else 30, now, zone)

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The first moment, in UTC."""
        return datetime.combine(self.first, time.min, self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The moment after the last one, in UTC."""
        return datetime.combine(self.last + timedelta(days=1), time.min, self.zone).astimezone(UTC)

    @property
    def before(self) -> "Period":
        """As many days, right before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1), self.zone)

    @property
    def dates(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=n) for n in range(self.days)]

    @property
    def label(self) -> str:
        """What the period button says."""
        if self.preset:
            return ngettext("Last %(days)d day", "Last %(days)d days", self.preset) % {"days": self.preset}
        return self.span

    @property
    def span(self) -> str:
        """First and last day in words: "23 October – 21 November"."""
        form = "j F" if self.first.year == self.last.year else "j F Y"
        first, last = formats.date_format(self.first, form), formats.date_format(self.last, form)
        return first if self.first == self.last else f"{first} – {last}"

    @property
    def compared(self) -> str:
        """The span, and what it is compared with."""
        against = ngettext("against the day before", "against the %(days)d days before", self.days)
        return _("%(span)s, %(against)s") % {"span": self.span, "against": against % {"days": self.days}}

    @property
    def query(self) -> str:
        """The part of an address that asks for this period."""
        if self.preset:
            return urlencode({"days": self.preset})
        return urlencode({"from": self.first.isoformat(), "to": self.last.isoformat()})


def _date(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    # Calendars end; what is reckoned around a period must not.
    return min(max(found, date(1900, 1, 1)), date(2900, 1, 1))
