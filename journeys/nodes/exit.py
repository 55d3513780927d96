"""The journey ends here for whoever arrives."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Exit, Outcome
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node


class ExitNode(Node):
    kind = "exit"
    label = gettext_lazy("End")
    category = "end"
    icon = "flag"
    order = 10
    help = gettext_lazy("The journey is over for whoever arrives here.")
    ports = ()

    reason = models.CharField(max_length=120, blank=True)

    def run(self, step: Step) -> Outcome:
        return Exit(self.reason)

    def summary(self) -> str:
        return self.reason or _("The journey is over for them")


class Inspector(NodeForm):
    class Meta:
        model = ExitNode
        fields = ["reason"]
        labels = {"reason": gettext_lazy("Note")}
        help_texts = {"reason": gettext_lazy("Shown in reports, for instance: became a customer.")}
