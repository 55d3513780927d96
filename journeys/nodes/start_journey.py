"""Send the person into another journey, and go on with this one."""

from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Effect, Fail, Outcome, StartJourney
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.journey import Journey
from journeys.models.node import Node


class StartJourneyNode(Node):
    kind = "start_journey"
    label = gettext_lazy("Start another journey")
    category = "customer"
    icon = "route-2"
    order = 50
    help = gettext_lazy("They come into it by its entry “Sent by another journey”, and go on with this one too.")

    journey = models.ForeignKey(Journey, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def run(self, step: Step) -> Outcome:
        return Effect(StartJourney(self.journey_id)) if self.journey_id else Fail("There is no journey to start.")

    def causes(self) -> tuple[tuple[str, str], ...]:
        return (("started", str(self.journey_id)),) if self.journey_id else ()

    def summary(self) -> str:
        return _("Start **%(journey)s**") % {"journey": self.journey.name if self.journey else "…"}

    def problems(self) -> list[Problem]:
        if self.journey_id:
            return []
        return [Problem(_("Choose the journey to start."), self.key)]


class Inspector(NodeForm):
    class Meta:
        model = StartJourneyNode
        fields = ["journey"]
        labels = {"journey": gettext_lazy("Start")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Journey.objects.exclude(state=Journey.State.ARCHIVED)
        if self.instance.version_id:
            others = others.exclude(pk=self.instance.version.journey_id)
        self.fields["journey"].queryset = others  # type: ignore[attr-defined]
