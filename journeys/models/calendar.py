"""The calendar as people keep it: days, months, anniversaries and hours on the wall. docs/time.md tells the rules."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from profiles.segments.values import moment

MIDNIGHT: Final = time(0)
MOST_YEARS: Final = 10
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Offset(models.TextChoices):
    """Hours are exact; days, weeks and months go by the calendar, so that the hour on the wall stays."""

    HOURS = "hours", _("hours")
    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")
    MONTHS = "months", _("months")


def offset_in_words(amount: int, unit: str) -> str:
    """ "3 days", "1 month"."""
    match unit:
        case Offset.HOURS:
            return ngettext("%(n)s hour", "%(n)s hours", amount) % {"n": amount}
        case Offset.DAYS:
            return ngettext("%(n)s day", "%(n)s days", amount) % {"n": amount}
        case Offset.WEEKS:
            return ngettext("%(n)s week", "%(n)s weeks", amount) % {"n": amount}
        case _months:
            return ngettext("%(n)s month", "%(n)s months", amount) % {"n": amount}


def too_far(amount: int, unit: str) -> bool:
    """Further away than anybody means, and than dates can be reckoned with."""
    a_year = {Offset.HOURS: 24 * 365, Offset.DAYS: 365, Offset.WEEKS: 52}.get(Offset(unit), 12)
    return amount > MOST_YEARS * a_year


def read(value: Any) -> date | datetime | None:
    """A day ("2026-03-01"), a moment in UTC, or None: not a date, or one in a year nobody means."""
    found = moment(value)
    if found is None or not 1800 <= found.year <= 2900:
        return None
    return found.date() if _DAY.fullmatch(value) else found.astimezone(UTC)


def on_the_wall(day: date, at: time, zone: Any) -> datetime:
    """When the clocks of a zone show this. An hour that is skipped moves on by the gap, of two the first counts."""
    return datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)


def months_later(day: date, months: int) -> date:
    """The same day of another month, or its last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def anniversary(day: date, year: int) -> date:
    """The same day of another year. Of the 29th of February it is the 28th where there is no 29th."""
    return months_later(day, (year - day.year) * 12)


def shifted(day: date, amount: int, unit: str) -> date:
    """So many days, weeks or months later, or earlier; hours do not count here."""
    if unit == Offset.MONTHS:
        return months_later(day, amount)
    return day + timedelta(days={Offset.DAYS: amount, Offset.WEEKS: 7 * amount}.get(Offset(unit), 0))


@dataclass(frozen=True, slots=True)
class DateRule:
    """ "7 days before the date, at 9:00", also every year. `at` None: at the date's own time, midnight without one."""

    amount: int = 0  # less than 0: before
    unit: str = Offset.DAYS
    at: time | None = None
    yearly: bool = False

    def due(self, value: Any, zone: Any, since: datetime) -> datetime | None:
        """When that is; every year: the first that is not over at `since`. None: the value is no date."""
        found = read(value)
        if found is None:
            return None
        if not self.yearly:
            return self._of(found, None, zone)
        around = shifted((since - self._hours).astimezone(zone).date(), -self.amount, self.unit).year
        each = (self._of(found, year, zone) for year in (around - 1, around, around + 1, around + 2))
        return next(one for one in each if not self.over(one, zone, since))

    def over(self, due: datetime, zone: Any, since: datetime) -> bool:
        """Whether it had passed at `since`. By the calendar it lasts until its day ends, by hours it is a moment. Every
        year it is over with its moment: who goes round in a circle is not held by the same day twice.
        """
        if self.yearly:
            return due <= since
        if self.unit == Offset.HOURS and self.amount:
            return due < since
        return due.astimezone(zone).date() < since.astimezone(zone).date()

    @property
    def _hours(self) -> timedelta:
        return timedelta(hours=self.amount if self.unit == Offset.HOURS else 0)

    def _of(self, found: date | datetime, year: int | None, zone: Any) -> datetime:
        local = found.astimezone(zone) if isinstance(found, datetime) else None
        day = local.date() if local else found
        own = local.time() if local else MIDNIGHT
        day = shifted(day if year is None else anniversary(day, year), self.amount, self.unit)
        if isinstance(found, datetime) and year is None and self.at is None and (self._hours or not self.amount):
            return found + self._hours  # exact, also in an hour that the clocks show twice
        return on_the_wall(day, own if self.at is None else self.at, zone) + self._hours
