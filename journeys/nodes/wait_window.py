"""Wait for good hours in the customer's own time zone.

The rule for days on which clocks change: an hour that does not exist is read as the same moment on the clock before
the change, so it moves forward by the gap (02:30 becomes 03:30); an hour that exists twice is its first occurrence.
A window that would end before it begins on such a day does not open on it. A window whose end is not later than its
start runs over midnight and belongs to the weekday on which it begins.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.db import models
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome, Wait
from journeys.contracts.problem import Problem
from journeys.contracts.step import Attributes, Need, Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node

EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]


def every_day() -> list[int]:
    return list(EVERY_DAY)


class WaitWindowNode(Node):
    kind = "wait_window"
    label = gettext_lazy("Only at good hours")
    category = "time"
    icon = "calendar-time"
    order = 30
    help = gettext_lazy("Holds each person until it is a good time where they live.")

    opens = models.TimeField(default=time(9))
    closes = models.TimeField(default=time(20))
    weekdays = models.JSONField(default=every_day, blank=True)  # 0 is Monday

    def needs(self) -> tuple[Need, ...]:
        return (Attributes(),)  # where the person's time zone is

    def listens_to(self) -> tuple[tuple[str, str], ...]:
        return (("attribute", "timezone"),)

    @property
    def lets_time_pass(self) -> bool:
        return False  # who arrives at a good hour goes on at once

    def run(self, step: Step) -> Outcome:
        today = step.now.astimezone(step.timezone).date()
        for days in range(-1, 9):
            begin, end = self.window(today + timedelta(days=days), step.timezone)
            if begin >= end or end <= step.now:
                continue
            return Advance(after=begin) if begin <= step.now else Wait(begin, self.listens_to())
        return Wait(None)

    def window(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When the window of that day begins and ends, in UTC; an empty one on a day that is not ticked."""
        begin = datetime.combine(day, self.opens, zone).astimezone(UTC)
        if day.weekday() not in self.weekdays:
            return begin, begin
        last = day if self.closes > self.opens else day + timedelta(days=1)
        return begin, datetime.combine(last, self.closes, zone).astimezone(UTC)

    def summary(self) -> str:
        words = {"from": time_format(self.opens), "to": time_format(self.closes), "days": self._days_in_words()}
        return _("Between **%(from)s** and **%(to)s** where they live, **%(days)s**") % words

    def _days_in_words(self) -> str:
        days = sorted(self.weekdays)
        if days == EVERY_DAY:
            return _("any day")
        if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
            return _("%(first)s to %(last)s") % {"first": WEEKDAYS[days[0]], "last": WEEKDAYS[days[-1]]}
        return ", ".join(str(WEEKDAYS_ABBR[day]) for day in days) or "…"

    def problems(self) -> list[Problem]:
        if self.weekdays:
            return []
        return [Problem(_("Tick at least one weekday, or people wait here for ever."), self.key)]


class Inspector(NodeForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = WaitWindowNode
        fields = ["opens", "closes", "weekdays"]
        labels = {"opens": gettext_lazy("Between"), "closes": gettext_lazy("and")}
        widgets = {
            "opens": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "closes": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }
