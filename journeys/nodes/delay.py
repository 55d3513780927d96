"""Wait a fixed time."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome, Wait
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.duration import Unit, in_words, length
from journeys.models.node import Node


class DelayNode(Node):
    kind = "delay"
    label = gettext_lazy("Wait")
    category = "time"
    icon = "clock"
    order = 10
    help = gettext_lazy("Holds each person for a set time. A day is 24 hours.")

    amount = models.PositiveIntegerField(default=1)
    unit = models.CharField(max_length=7, choices=Unit.choices, default=Unit.DAYS)

    def run(self, step: Step) -> Outcome:
        due = step.entered_at + length(self.amount, self.unit)
        return Advance(after=due) if step.now >= due else Wait(due)

    def title(self) -> str:
        return self.summary().replace("**", "")

    def summary(self) -> str:
        return _("Wait **%(time)s**") % {"time": in_words(self.amount, self.unit)}

    def problems(self) -> list[Problem]:
        if self.amount:
            return []
        return [Problem(_("Say how long to wait."), self.key)]


class Inspector(NodeForm):
    class Meta:
        model = DelayNode
        fields = ["amount", "unit"]
        labels = {"amount": gettext_lazy("Wait"), "unit": gettext_lazy("Unit")}
