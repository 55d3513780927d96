"""Wait until somebody is in a segment, or no longer in it, or for so long."""

from functools import cached_property

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome, Wait
from journeys.contracts.problem import Problem
from journeys.contracts.step import Matches, Need, Step, canonical
from journeys.inspector.form import NodeForm
from journeys.models.duration import Unit, in_words, length
from journeys.models.node import Node
from profiles.models import Segment


class WaitSegmentNode(Node):
    """What counts is whether they are in it when they are looked at: who is so on arriving goes on at once."""

    class Side(models.TextChoices):
        INSIDE = "in", gettext_lazy("they are in it")
        OUTSIDE = "out", gettext_lazy("they are not in it")

    kind = "wait_segment"
    label = gettext_lazy("Wait for a segment")
    category = "time"
    icon = "users-plus"
    order = 50
    help = gettext_lazy("Holds each person until they are in a segment, or no longer in it.")
    ports = ("happened", "timed_out")

    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=3, choices=Side.choices, default=Side.INSIDE)
    amount = models.PositiveIntegerField(default=7)
    unit = models.CharField(max_length=7, choices=Unit.choices, default=Unit.DAYS)

    @cached_property
    def need(self) -> Matches:
        inside = self.side == self.Side.INSIDE
        return Matches(canonical({"type": "segment", "segment": self.segment_id, "in": inside}))

    def needs(self) -> tuple[Need, ...]:
        return (self.need,)

    def listens_to(self) -> tuple[tuple[str, str], ...]:
        change = "entered" if self.side == self.Side.INSIDE else "exited"
        return ((change, str(self.segment_id)),) if self.segment_id else ()

    @property
    def lets_time_pass(self) -> bool:
        return False  # who is so already goes on at once

    def run(self, step: Step) -> Outcome:
        if step.fact(self.need):
            return Advance("happened")
        deadline = step.entered_at + length(self.amount, self.unit)
        timed_out = Advance("timed_out", after=deadline)
        return timed_out if step.now >= deadline else Wait(deadline, self.listens_to())

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        within = in_words(self.amount, self.unit)
        so = _("In it") if self.side == self.Side.INSIDE else _("Not in it")
        return (("happened", so), ("timed_out", _("Not within %(time)s") % {"time": within}))

    def summary(self) -> str:
        words = {"segment": self.segment.name if self.segment else "…", "time": in_words(self.amount, self.unit)}
        if self.side == self.Side.INSIDE:
            return _("Until they are in **%(segment)s**, at most **%(time)s**") % words
        return _("Until they are not in **%(segment)s**, at most **%(time)s**") % words

    def problems(self) -> list[Problem]:
        found = []
        if not self.segment_id:
            found.append(Problem(_("Choose the segment to wait for."), self.key))
        if not self.amount:
            found.append(Problem(_("Say how long to wait at most."), self.key))
        return found


class Inspector(NodeForm):
    class Meta:
        model = WaitSegmentNode
        fields = ["segment", "side", "amount", "unit"]
        labels = {
            "segment": gettext_lazy("Segment"),
            "side": gettext_lazy("Wait until"),
            "amount": gettext_lazy("At most"),
            "unit": gettext_lazy("Unit"),
        }
