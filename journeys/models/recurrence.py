"""When something that is repeated by the calendar happens next; in plain Python, in any zone."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from journeys.models.calendar import months_later, on_the_wall

TURNS: Final = 4  # among so many from the day before a moment is one that is later
MOST: Final = 52  # days, weeks or months from one to the next


class Repeat(models.TextChoices):
    """How often."""

    ONCE = "once", _("once")
    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")


class Clock(models.TextChoices):
    """Whose clock on the wall counts."""

    OURS = "ours", _("of our time zone")
    THEIRS = "theirs", _("where each person lives")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`first` is the day it may begin on (once: the day), `last` the last on which it may happen. `every` so many days,
    weeks (from Monday on) or months, counted from the one of `first`: more than one needs it.
    """

    repeat: str
    at: time
    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] = frozenset()
    month_day: int = 1
    every: int = 1

    def after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The first occurrence later than this, on the clocks of the zone."""
        begin = moment.astimezone(zone).date() - timedelta(days=1)
        for day in self._days(max(begin, self.first) if self.first else begin):
            if self.last and day > self.last:
                break
            if (due := on_the_wall(day, self.at, zone)) > moment:
                return due
        return None

    def _days(self, begin: date) -> Iterator[date]:
        """Those on which it happens from `begin` on."""
        first = self.first or begin
        if self.repeat == Repeat.ONCE or (self.every > 1 and not self.first):
            return iter([self.first] if self.first and self.repeat == Repeat.ONCE else [])
        match self.repeat:
            case Repeat.WEEKLY:
                found = self._weekly(begin, first)
            case Repeat.MONTHLY:
                found = self._monthly(begin, first)
            case _daily:
                wait = -(begin - first).days % self.every
                found = (begin + timedelta(days=wait + n * self.every) for n in range(TURNS))
        return (day for day in found if day >= begin)

    def _weekly(self, begin: date, first: date) -> Iterator[date]:
        monday = begin - timedelta(days=begin.weekday())
        weeks = (monday - first + timedelta(days=first.weekday())).days // 7
        for n in range(TURNS):
            week = monday + timedelta(weeks=-weeks % self.every + n * self.every)
            yield from (week + timedelta(days=day) for day in sorted(self.weekdays))

    def _monthly(self, begin: date, first: date) -> Iterator[date]:
        months = (begin.year - first.year) * 12 + begin.month - first.month
        for n in range(TURNS):
            month = months_later(begin.replace(day=1), -months % self.every + n * self.every)
            yield month.replace(day=min(self.month_day, monthrange(month.year, month.month)[1]))
