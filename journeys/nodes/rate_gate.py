"""Let only so many people through in a time, in the order in which they came."""

from datetime import datetime
from functools import cached_property

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from journeys.contracts.outcomes import Advance, Outcome, Wait
from journeys.contracts.problem import Problem
from journeys.contracts.step import Need, Step, Turn
from journeys.inspector.form import NodeForm
from journeys.models.node import Node


class RateGateNode(Node):
    class Per(models.IntegerChoices):
        MINUTE = 60, gettext_lazy("a minute")
        HOUR = 3600, gettext_lazy("an hour")
        DAY = 86400, gettext_lazy("24 hours")

    kind = "rate_gate"
    label = gettext_lazy("Only so many at a time")
    category = "time"
    icon = "traffic-lights"
    order = 60
    help = gettext_lazy("Never lets more people through than this, in the order in which they came. The others wait.")

    people = models.PositiveIntegerField(default=100)
    per = models.PositiveIntegerField(choices=Per.choices, default=Per.HOUR)

    @cached_property
    def need(self) -> Turn:
        return Turn(self.people, self.per)

    def needs(self) -> tuple[Need, ...]:
        return (self.need,) if self.people else ()

    def run(self, step: Step) -> Outcome:
        if not self.people:
            return Wait(None)
        turn: datetime = step.fact(self.need)
        return Advance(at=turn) if turn <= step.now else Wait(turn)

    @property
    def lets_time_pass(self) -> bool:
        """While few come, nobody waits."""
        return False

    def summary(self) -> str:
        people = ngettext("%(n)s person", "%(n)s people", self.people) % {"n": f"{self.people:,}"}
        return _("At most **%(people)s** in **%(time)s**") % {"people": people, "time": self.get_per_display()}

    def problems(self) -> list[Problem]:
        if self.people:
            return []
        return [Problem(_("Say how many may pass."), self.key)]


class Inspector(NodeForm):
    people = forms.IntegerField(label=gettext_lazy("At most so many people"), min_value=1, max_value=1_000_000)

    class Meta:
        model = RateGateNode
        fields = ["people", "per"]
        labels = {"per": gettext_lazy("in")}
