"""Somebody comes in because another journey sends them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node


class EntryJourneyNode(Node):
    kind = "entry_journey"
    label = gettext_lazy("Sent by another journey")
    category = "entry"
    icon = "route"
    order = 60
    help = gettext_lazy("People come in from the step “Start another journey” of any other journey.")
    is_entry = True

    def run(self, step: Step) -> Outcome:
        return Advance(at=step.entered_at)

    def starts_on(self) -> tuple[tuple[str, str], ...]:
        return (("started", str(self.version.journey_id)),)

    def summary(self) -> str:
        return _("When **another journey** sends someone here")


class Inspector(NodeForm):
    class Meta:
        model = EntryJourneyNode
        fields: list[str] = []
