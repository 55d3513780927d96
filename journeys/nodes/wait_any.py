"""Wait for the first of several events, each with a way of its own, or for a reply, or for so long."""

from functools import cached_property
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome, Wait
from journeys.contracts.problem import Problem
from journeys.contracts.step import Happened, Need, Step, canonical
from journeys.inspector.form import NodeForm
from journeys.inspector.rows import Column, RowsField
from journeys.models.duration import Unit, in_words, length
from journeys.models.node import Node

MOST: Final = 8
REPLY: Final = Happened("Message Replied")


class WaitAnyNode(Node):
    kind = "wait_any"
    label = gettext_lazy("Wait for one of several")
    category = "time"
    icon = "hourglass-low"
    order = 25
    help = gettext_lazy("Holds each person until one of these happens. The first one decides the way.")
    ports = ("timed_out",)

    events = models.JSONField(default=list, blank=True)  # [{"port": way_1, "event": name, "where": filters}]
    reply = models.BooleanField(default=False)
    amount = models.PositiveIntegerField(default=1)
    unit = models.CharField(max_length=7, choices=Unit.choices, default=Unit.DAYS)

    @cached_property
    def ways(self) -> tuple[tuple[str, Happened], ...]:
        """Port and what leads to it, in the order that decides between two at the same moment."""
        asked = [
            (row["port"], Happened(row["event"], canonical(row.get("where"))))
            for row in self.events
            if row.get("event")
        ]
        return (*asked, ("replied", REPLY)) if self.reply else tuple(asked)

    def needs(self) -> tuple[Need, ...]:
        return tuple(dict.fromkeys(need for _port, need in self.ways))

    def listens_to(self) -> tuple[tuple[str, str], ...]:
        return tuple(dict.fromkeys(("event", need.name) for _port, need in self.ways))

    def run(self, step: Step) -> Outcome:
        """The events' own times decide, so that a timer that runs late changes nothing."""
        deadline = step.entered_at + length(self.amount, self.unit)
        happened = [(at, port) for port, need in self.ways if (at := step.fact(need)) is not None and at <= deadline]
        if happened:
            at, port = min(happened, key=lambda one: one[0])
            return Advance(port, at=at)
        timed_out = Advance("timed_out", after=deadline)
        return timed_out if step.now >= deadline else Wait(deadline, self.listens_to())

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        ways = [(row["port"], row["event"] or "…") for row in self.events]
        if self.reply:
            ways.append(("replied", _("Replied")))
        within = in_words(self.amount, self.unit)
        return (*ways, ("timed_out", _("Not within %(time)s") % {"time": within}))

    def summary(self) -> str:
        names = [f"**{need.name}**" for _port, need in self.ways if need != REPLY]
        if self.reply:
            names.append(_("**reply**"))
        words = {"events": _(" or ").join(dict.fromkeys(names)) or "…", "time": in_words(self.amount, self.unit)}
        return _("Until they do %(events)s, at most **%(time)s**") % words

    def problems(self) -> list[Problem]:
        found = []
        if not self.ways:
            found.append(Problem(_("Choose the events to wait for."), self.key))
        if any(not row.get("event") for row in self.events):
            found.append(Problem(_("Each way needs an event."), self.key))
        if not self.amount:
            found.append(Problem(_("Say how long to wait at most."), self.key))
        return found


class Inspector(NodeForm):
    events = RowsField(
        label=gettext_lazy("Wait for"),
        columns=[
            Column("port", type="key"),
            Column("event", gettext_lazy("Event"), type="event"),
            Column("where", gettext_lazy("Only where"), type="where", event="event"),
        ],
        least=0,
        most=MOST,
    )

    class Meta:
        model = WaitAnyNode
        fields = ["events", "reply", "amount", "unit"]
        labels = {
            "reply": gettext_lazy("Or a reply to any message"),
            "amount": gettext_lazy("At most"),
            "unit": gettext_lazy("Unit"),
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        for row in values.get("events") or ():
            row["event"] = row["event"] or ""
        return values
