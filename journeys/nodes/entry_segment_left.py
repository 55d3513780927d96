"""Somebody comes in by leaving a segment."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node
from profiles.models import Segment


class EntrySegmentLeftNode(Node):
    kind = "entry_segment_left"
    label = gettext_lazy("Leaves a segment")
    category = "entry"
    icon = "users-minus"
    order = 30
    help = gettext_lazy("People come in when they stop matching the segment.")
    is_entry = True

    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def run(self, step: Step) -> Outcome:
        return Advance(at=step.entered_at)

    def starts_on(self) -> tuple[tuple[str, str], ...]:
        return (("exited", str(self.segment_id)),) if self.segment_id else ()

    def summary(self) -> str:
        if self.segment is None:
            return _("When someone leaves …")
        return _("When someone leaves **%(segment)s**") % {"segment": self.segment.name}

    def problems(self) -> list[Problem]:
        if self.segment_id:
            return []
        return [Problem(_("Choose the segment that people have to leave."), self.key)]


class Inspector(NodeForm):
    class Meta:
        model = EntrySegmentLeftNode
        fields = ["segment"]
        labels = {"segment": gettext_lazy("When someone leaves")}
