"""When something that is repeated by the calendar happens next; in plain Python, in any zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from journeys.models.calendar import on_the_wall

LONGEST_GAP: Final = 70  # days between two occurrences are fewer


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
    """`first` is the day it may begin on (once: the day), `last` the last on which it may happen."""

    repeat: str
    at: time
    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] = frozenset()
    month_day: int = 1

    def after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The first occurrence later than this, on the clocks of the zone."""
        if self.repeat == Repeat.ONCE:
            days = [self.first] if self.first else []
        else:
            begin = moment.astimezone(zone).date() - timedelta(days=1)
            begin = max(begin, self.first) if self.first else begin
            days = [begin + timedelta(days=n) for n in range(LONGEST_GAP)]
        for day in days:
            if self.falls_on(day) and (due := on_the_wall(day, self.at, zone)) > moment:
                return due
        return None

    def falls_on(self, day: date) -> bool:
        """Does it happen on this day?"""
        if (self.first and day < self.first) or (self.last and day > self.last):
            return False
        match self.repeat:
            case Repeat.WEEKLY:
                return day.weekday() in self.weekdays
            case Repeat.MONTHLY:
                ends = (day + timedelta(days=1)).day == 1  # where the month is shorter, its last day counts
                return day.day == self.month_day or (ends and day.day < self.month_day)
            case _:
                return True
