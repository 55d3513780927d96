"""Wait until somebody does something, or for so long."""

from functools import cached_property

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome, Wait
from journeys.contracts.problem import Problem
from journeys.contracts.step import Happened, Need, Step, canonical
from journeys.inspector.form import EventNameField, NodeForm
from journeys.models.duration import Unit, in_words, length
from journeys.models.node import Node
from profiles.forms.condition import WhereField
from profiles.segments.ast import parse_where
from profiles.segments.filters import describe_where


class WaitEventNode(Node):
    kind = "wait_event"
    label = gettext_lazy("Wait for an event")
    category = "time"
    icon = "hourglass"
    order = 20
    help = gettext_lazy("Holds each person until they do this. Only what they do after they arrive here counts.")
    ports = ("happened", "timed_out")

    event = models.CharField(max_length=200, blank=True)
    where = models.JSONField(default=list, blank=True)
    amount = models.PositiveIntegerField(default=1)
    unit = models.CharField(max_length=7, choices=Unit.choices, default=Unit.DAYS)

    @cached_property
    def need(self) -> Happened:
        return Happened(self.event, canonical(self.where))

    def needs(self) -> tuple[Need, ...]:
        return (self.need,)

    def listens_to(self) -> tuple[tuple[str, str], ...]:
        return (("event", self.event),) if self.event else ()

    def run(self, step: Step) -> Outcome:
        """The event's own time decides, so that a timer that runs late changes nothing."""
        deadline = step.entered_at + length(self.amount, self.unit)
        happened = step.fact(self.need)
        if happened is not None and happened <= deadline:
            return Advance("happened", at=happened)
        timed_out = Advance("timed_out", after=deadline)
        return timed_out if step.now >= deadline else Wait(deadline, self.listens_to())

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        within = in_words(self.amount, self.unit)
        return (("happened", _("Happened")), ("timed_out", _("Not within %(time)s") % {"time": within}))

    def summary(self) -> str:
        within = in_words(self.amount, self.unit)
        if not self.event:
            return _("Until they do …, at most **%(time)s**") % {"time": within}
        if not self.where:
            return _("Until they do **%(event)s**, at most **%(time)s**") % {"event": self.event, "time": within}
        words = {"event": self.event, "where": describe_where(parse_where(self.where)), "time": within}
        return _("Until they do **%(event)s** where %(where)s, at most **%(time)s**") % words

    def problems(self) -> list[Problem]:
        found = []
        if not self.event:
            found.append(Problem(_("Choose the event to wait for."), self.key))
        if not self.amount:
            found.append(Problem(_("Say how long to wait at most."), self.key))
        return found


class Inspector(NodeForm):
    event = EventNameField(label=gettext_lazy("Wait for"))
    where = WhereField(label=gettext_lazy("Only where"), event_field="event")

    class Meta:
        model = WaitEventNode
        fields = ["event", "where", "amount", "unit"]
        labels = {"amount": gettext_lazy("At most"), "unit": gettext_lazy("Unit")}
