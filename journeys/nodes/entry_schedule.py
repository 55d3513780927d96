"""Everybody in a segment comes in at a set time, once or again and again."""

from datetime import date, datetime, time, tzinfo
from typing import Any

from django import forms
from django.db import models
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.crowd import Crowd
from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node
from journeys.models.recurrence import MOST, Clock, Recurrence, Repeat
from profiles.models import Segment


def monday() -> list[int]:
    return [0]


class EntryScheduleNode(Node):
    kind = "entry_schedule"
    label = gettext_lazy("At a set time")
    category = "entry"
    icon = "calendar-event"
    order = 40
    help = gettext_lazy("Everybody who is in the segment at that time comes in, once or again and again.")
    is_entry = True

    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    repeat = models.CharField(max_length=7, choices=Repeat.choices, default=Repeat.ONCE)
    every = models.PositiveSmallIntegerField(default=1)  # so many days, weeks or months, counted from `first_day`
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    at = models.TimeField(default=time(9))
    weekdays = models.JSONField(default=monday, blank=True)  # 0 is Monday
    month_day = models.PositiveSmallIntegerField(default=1)
    clock = models.CharField(max_length=6, choices=Clock.choices, default=Clock.OURS)

    @property
    def recurrence(self) -> Recurrence:
        last = None if self.repeat == Repeat.ONCE else self.last_day
        weekdays = frozenset(self.weekdays)
        return Recurrence(self.repeat, self.at, self.first_day, last, weekdays, self.month_day, self.every)

    @property
    def by_their_clock(self) -> bool:
        return self.clock == Clock.THEIRS

    def run(self, step: Step) -> Outcome:
        return Advance(at=step.entered_at)

    def next_start(self, after: datetime, zone: tzinfo) -> datetime | None:
        return self.recurrence.after(after, zone)

    def crowd(self, day: date) -> Crowd | None:
        return Crowd(self.segment_id) if self.segment_id else None

    def summary(self) -> str:
        words = {
            "who": self.segment.name if self.segment else "…",
            "when": self._when(),
            "at": time_format(self.at),
        }
        if self.by_their_clock:
            return _("**%(who)s** come in **%(when)s** at **%(at)s** where they live") % words
        return _("**%(who)s** come in **%(when)s** at **%(at)s**") % words

    def _when(self) -> str:
        match self.repeat:
            case Repeat.ONCE:
                return _("on %(day)s") % {"day": date_format(self.first_day) if self.first_day else "…"}
            case Repeat.DAILY:
                return _("every %(n)s days") % {"n": self.every} if self.every > 1 else _("every day")
            case Repeat.WEEKLY:
                return self._weekly()
            case _monthly:
                words = {"day": self.month_day, "n": self.every}
                if self.every > 1:
                    return _("on day %(day)s of every %(n)s months") % words
                return _("on day %(day)s of every month") % words

    def _weekly(self) -> str:
        days = sorted(self.weekdays)
        names = ", ".join(str(WEEKDAYS_ABBR[day]) for day in days) or "…"
        words = {"n": self.every, "days": str(WEEKDAYS[days[0]]) if len(days) == 1 else names}
        return (_("every %(n)s weeks on %(days)s") if self.every > 1 else _("every %(days)s")) % words

    def problems(self) -> list[Problem]:
        found = []
        if not self.segment_id:
            found.append(_("Choose who is to come in."))
        if self.repeat == Repeat.ONCE and not self.first_day:
            found.append(_("Choose the day."))
        if self.repeat != Repeat.ONCE and self.every > 1 and not self.first_day:
            found.append(_("Choose the day from which on it is counted."))
        if self.repeat == Repeat.WEEKLY and not self.weekdays:
            found.append(_("Tick at least one weekday."))
        if self.repeat != Repeat.ONCE and self.first_day and self.last_day and self.last_day < self.first_day:
            found.append(_("The last day is before the first."))
        return [Problem(text, self.key) for text in found]


EVERY = {
    Repeat.DAILY: gettext_lazy("Every so many days"),
    Repeat.WEEKLY: gettext_lazy("Every so many weeks"),
    Repeat.MONTHLY: gettext_lazy("Every so many months"),
}
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Inspector(NodeForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On"),
        coerce=int,
        choices=list(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    month_day = forms.TypedChoiceField(
        label=gettext_lazy("On day"),
        coerce=int,
        choices=[(n, str(n)) for n in range(1, 32)],
        help_text=gettext_lazy("Where a month is shorter, its last day counts."),
    )

    every = forms.IntegerField(
        min_value=1, max_value=MOST, help_text=gettext_lazy("Counted from the day it begins; a week begins on Monday.")
    )

    class Meta:
        model = EntryScheduleNode
        fields = ["segment", "repeat", "every", "weekdays", "month_day", "first_day", "last_day", "at", "clock"]
        labels = {
            "segment": gettext_lazy("Who comes in"),
            "repeat": gettext_lazy("How often"),
            "first_day": gettext_lazy("From"),
            "last_day": gettext_lazy("Until"),
            "at": gettext_lazy("At"),
            "clock": gettext_lazy("By the clock"),
        }
        widgets = {"first_day": DAY, "last_day": DAY, "at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        repeat = self.data.get("repeat") or self.instance.repeat
        asked = {Repeat.WEEKLY: "weekdays", Repeat.MONTHLY: "month_day"}
        self.leave_out(name for each, name in asked.items() if each != repeat)
        self.fields["every"].label = EVERY.get(repeat, "")
        if repeat == Repeat.ONCE:
            self.fields["first_day"].label = _("On")
            self.leave_out(["last_day", "every"])
