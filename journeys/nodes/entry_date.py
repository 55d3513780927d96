"""People come in on a date that is known of them: their birthday, seven days before the renewal."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from django import forms
from django.db import models
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.crowd import Crowd
from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import AttributeNameField, NodeForm
from journeys.models.calendar import Offset, anniversary, offset_in_words, read, shifted, too_far
from journeys.models.node import Node
from journeys.models.recurrence import Clock, Recurrence, Repeat
from profiles.models import Segment
from profiles.segments.filters import label as as_words

SLACK = 2  # days that a moment's text may be away from its day where somebody lives


class EntryDateNode(Node):
    """The same words as in `wait_until`, and the same calendar."""

    class Side(models.TextChoices):
        BEFORE = "before", gettext_lazy("before")
        AFTER = "after", gettext_lazy("after")

    kind = "entry_date"
    label = gettext_lazy("On a date of theirs")
    category = "entry"
    icon = "cake"
    order = 50
    help = gettext_lazy(
        "People come in on their birthday, before a renewal, after a delivery: by a date you know of them."
    )
    is_entry = True

    attribute = models.CharField(max_length=200, blank=True)
    yearly = models.BooleanField(default=False)
    offset = models.PositiveIntegerField(default=0)
    offset_unit = models.CharField(max_length=7, choices=Offset.choices, default=Offset.DAYS)
    side = models.CharField(max_length=6, choices=Side.choices, default=Side.BEFORE)
    at = models.TimeField(default=time(9))
    clock = models.CharField(max_length=6, choices=Clock.choices, default=Clock.THEIRS)
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def _moved(self, day: date) -> date:
        """The day on which people come in for a date."""
        return shifted(day, -self.offset if self.side == self.Side.BEFORE else self.offset, self.offset_unit)

    def _back(self, day: date) -> date:
        """About the date for which people come in on a day."""
        return shifted(day, self.offset if self.side == self.Side.BEFORE else -self.offset, self.offset_unit)

    @property
    def by_their_clock(self) -> bool:
        return self.clock == Clock.THEIRS

    def run(self, step: Step) -> Outcome:
        return Advance(at=step.entered_at)

    def next_start(self, after: datetime, zone: tzinfo) -> datetime | None:
        """Every day: for each there may be somebody."""
        return Recurrence(Repeat.DAILY, self.at).after(after, zone) if self.attribute else None

    def crowd(self, day: date) -> Crowd | None:
        back = self._back(day)
        # The last days of a month fall on one day of a shorter one.
        slack = SLACK + (3 if self.offset_unit == Offset.MONTHS else 1 if self.yearly else 0)
        days = [back + timedelta(days=n) for n in range(-slack, slack + 1)]
        if self.yearly:
            near = {f"{one:%m-%d}" for one in days}
            near |= {"02-29"} if near & {"02-28", "03-01"} else set()
        else:
            near = {one.isoformat() for one in days}
        return Crowd(self.segment_id, self.attribute, tuple(sorted(near)), self.yearly)

    def occasion(self, value: Any, day: date, zone: tzinfo) -> int | None:
        """How many years after the date itself."""
        found = read(value)
        if found is None:
            return None
        theirs = found.astimezone(zone).date() if isinstance(found, datetime) else found
        if not self.yearly:
            return 0 if self._moved(theirs) == day else None
        about = self._back(day).year
        years = range(max(about - 1, theirs.year), about + 2)
        return next((year - theirs.year for year in years if self._moved(anniversary(theirs, year)) == day), None)

    def summary(self) -> str:
        words = {
            "date": as_words(self.attribute) or "…",
            "time": offset_in_words(self.offset, self.offset_unit),
            "at": time_format(self.at),
        }
        if not self.offset:
            when = _("On **%(date)s**, at **%(at)s**") % words
        elif self.side == self.Side.BEFORE:
            when = _("**%(time)s** before **%(date)s**, at **%(at)s**") % words
        else:
            when = _("**%(time)s** after **%(date)s**, at **%(at)s**") % words
        when += _(" where they live") if self.by_their_clock else ""
        when += _(", every year") if self.yearly else ""
        return when + (_(", only **%(who)s**") % {"who": self.segment.name} if self.segment else "")

    def problems(self) -> list[Problem]:
        if self.attribute:
            return []
        return [Problem(_("Choose the date."), self.key)]


class Inspector(NodeForm):
    attribute = AttributeNameField(
        label=gettext_lazy("Which date"), help_text=gettext_lazy("What is known of people that holds a date.")
    )
    offset_unit = forms.ChoiceField(
        label=gettext_lazy("Unit"), choices=[one for one in Offset.choices if one[0] != Offset.HOURS]
    )

    class Meta:
        model = EntryDateNode
        fields = ["attribute", "yearly", "offset", "offset_unit", "side", "at", "clock", "segment"]
        labels = {
            "yearly": gettext_lazy("Every year, like a birthday"),
            "offset": gettext_lazy("How long"),
            "side": gettext_lazy("Before or after"),
            "at": gettext_lazy("At"),
            "clock": gettext_lazy("By the clock"),
            "segment": gettext_lazy("Only people in"),
        }
        help_texts = {"offset": gettext_lazy("0 is the date itself.")}
        widgets = {"at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].empty_label = _("Everybody")  # type: ignore[attr-defined]

    def clean_offset(self) -> int:
        offset: int = self.cleaned_data["offset"]
        unit = self.data.get(self.add_prefix("offset_unit"))
        if offset and unit in Offset.values and too_far(offset, unit):
            raise forms.ValidationError(_("Ten years at most."))
        return offset
