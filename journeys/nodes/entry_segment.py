"""Somebody comes in by joining a segment."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.crowd import Already
from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node
from profiles.models import Segment


class EntrySegmentNode(Node):
    kind = "entry_segment"
    label = gettext_lazy("Joins a segment")
    category = "entry"
    icon = "users-group"
    order = 20
    help = gettext_lazy("People come in when they start to match the segment. Those who match already: on publishing.")
    is_entry = True

    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def run(self, step: Step) -> Outcome:
        return Advance(at=step.entered_at)

    def starts_on(self) -> tuple[tuple[str, str], ...]:
        return (("entered", str(self.segment_id)),) if self.segment_id else ()

    def already(self) -> Already | None:
        return Already(segment_id=self.segment_id) if self.segment_id else None

    def summary(self) -> str:
        if self.segment is None:
            return _("When someone joins …")
        return _("When someone joins **%(segment)s**") % {"segment": self.segment.name}

    def problems(self) -> list[Problem]:
        if self.segment_id:
            return []
        return [Problem(_("Choose the segment that brings people in."), self.key)]


class Inspector(NodeForm):
    class Meta:
        model = EntrySegmentNode
        fields = ["segment"]
        labels = {"segment": gettext_lazy("When someone joins")}
