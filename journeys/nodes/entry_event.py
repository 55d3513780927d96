"""Somebody comes in by doing something."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.crowd import Already
from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import EventNameField, NodeForm
from journeys.models.node import Node
from profiles.forms.condition import WhereField
from profiles.segments.ast import ConditionError, parse_where
from profiles.segments.filters import PropertyFilter, describe_where, where_holds


class EntryEventNode(Node):
    kind = "entry_event"
    label = gettext_lazy("Does something")
    category = "entry"
    icon = "bolt"
    order = 10
    help = gettext_lazy("People come in when they do this, at the moment they do it.")
    is_entry = True

    event = models.CharField(max_length=200, blank=True)
    where = models.JSONField(default=list, blank=True)

    def run(self, step: Step) -> Outcome:
        return Advance(at=step.entered_at)

    def starts_on(self) -> tuple[tuple[str, str], ...]:
        return (("event", self.event),) if self.event else ()

    @cached_property
    def filters(self) -> tuple[PropertyFilter, ...] | None:
        """Read once for all who knock. None: it cannot be understood, so nobody is let in."""
        try:
            return parse_where(self.where)
        except ConditionError:
            return None

    def already(self) -> Already | None:
        return Already(event=self.event) if self.event else None

    def admits(self, properties: Mapping[str, Any], now: datetime) -> bool:
        return self.filters is not None and where_holds(self.filters, properties, now)

    def asks(self) -> tuple[PropertyFilter, ...]:
        return self.filters or ()

    def summary(self) -> str:
        if not self.event:
            return _("When someone does …")
        if not self.where:
            return _("When someone does **%(event)s**") % {"event": self.event}
        words = describe_where(parse_where(self.where))
        return _("When someone does **%(event)s** where %(where)s") % {"event": self.event, "where": words}

    def problems(self) -> list[Problem]:
        if self.event:
            return []
        return [Problem(_("Choose the event that brings people in."), self.key)]


class Inspector(NodeForm):
    event = EventNameField(label=gettext_lazy("When someone does"))
    where = WhereField(label=gettext_lazy("Only where"), event_field="event")

    class Meta:
        model = EntryEventNode
        fields = ["event", "where"]
