"""Wait until a date that is known of the person: a renewal, a booking, a birthday. The rules are in docs/time.md."""

from datetime import time

from django import forms
from django.db import models
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome, Wait
from journeys.contracts.problem import Problem
from journeys.contracts.step import Attributes, Need, Step
from journeys.inspector.form import AttributeNameField, NodeForm
from journeys.models.calendar import DateRule, Offset, offset_in_words, too_far
from journeys.models.node import Node
from profiles.segments.filters import label as as_words
from profiles.segments.values import at_path


class WaitUntilNode(Node):
    """A new date, or a new time zone, re-times whoever waits."""

    class Side(models.TextChoices):
        BEFORE = "before", gettext_lazy("before")
        AFTER = "after", gettext_lazy("after")

    kind = "wait_until"
    label = gettext_lazy("Wait for a date")
    category = "time"
    icon = "calendar-due"
    order = 40
    help = gettext_lazy("Holds each person until a date of their own: a renewal, a booking, a birthday.")
    ports = ("reached", "passed", "missing")

    attribute = models.CharField(max_length=200, blank=True)
    yearly = models.BooleanField(default=False)
    offset = models.PositiveIntegerField(default=0)
    offset_unit = models.CharField(max_length=7, choices=Offset.choices, default=Offset.DAYS)
    side = models.CharField(max_length=6, choices=Side.choices, default=Side.BEFORE)
    at = models.TimeField(null=True, blank=True, default=time(9))

    def needs(self) -> tuple[Need, ...]:
        return (Attributes(),)

    def listens_to(self) -> tuple[tuple[str, str], ...]:
        return (("attribute", self.attribute.split(".")[0]), ("attribute", "timezone")) if self.attribute else ()

    @property
    def rule(self) -> DateRule:
        amount = -self.offset if self.side == self.Side.BEFORE else self.offset
        return DateRule(amount, self.offset_unit, self.at, self.yearly)

    @property
    def lets_time_pass(self) -> bool:
        return self.yearly  # on the very day people go on at once

    def run(self, step: Step) -> Outcome:
        rule, value = self.rule, at_path(step.fact(Attributes()), self.attribute)
        due = rule.due(value, step.timezone, step.entered_at)
        if due is None:
            return Advance("missing")
        if rule.over(due, step.timezone, step.entered_at):
            return Advance("passed")
        return Advance("reached", after=due) if step.now >= due else Wait(due, self.listens_to())

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        over = () if self.yearly else (("passed", _("Already over")),)
        return (("reached", _("It is time")), *over, ("missing", _("No date")))

    def title(self) -> str:
        return _("Wait for a day of the year") if self.yearly else str(self.label)

    def summary(self) -> str:
        words = {
            "date": as_words(self.attribute) or "…",
            "time": offset_in_words(self.offset, self.offset_unit),
            "at": time_format(self.at) if self.at else "",
        }
        if not self.offset:
            when = _("Until **%(date)s**") % words
        elif self.side == self.Side.BEFORE:
            when = _("Until **%(time)s** before **%(date)s**") % words
        else:
            when = _("Until **%(time)s** after **%(date)s**") % words
        when += _(", at **%(at)s** where they live") % words if self.at else ""
        return when + (_(", every year") if self.yearly else "")

    def problems(self) -> list[Problem]:
        return [] if self.attribute else [Problem(_("Choose the date to wait for."), self.key)]


class Inspector(NodeForm):
    attribute = AttributeNameField(
        label=gettext_lazy("Which date"), help_text=gettext_lazy("What is known of people that holds a date.")
    )

    class Meta:
        model = WaitUntilNode
        fields = ["attribute", "yearly", "offset", "offset_unit", "side", "at"]
        labels = {
            "yearly": gettext_lazy("Every year, like a birthday"),
            "offset": gettext_lazy("How long"),
            "offset_unit": gettext_lazy("Unit"),
            "side": gettext_lazy("Before or after"),
            "at": gettext_lazy("At"),
        }
        help_texts = {
            "offset": gettext_lazy("0 is the date itself."),
            "at": gettext_lazy("Left empty: its own time."),
        }
        widgets = {"at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def clean_offset(self) -> int:
        offset: int = self.cleaned_data["offset"]
        unit = self.data.get(self.add_prefix("offset_unit"))
        if offset and unit in Offset.values and too_far(offset, unit):
            raise forms.ValidationError(_("Ten years at most."))
        return offset
