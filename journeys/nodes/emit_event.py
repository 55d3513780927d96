"""Write down an event of the person, for segments, goals and other journeys."""

import json
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Effect, EmitEvent, Fail, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Attributes, Need, Step, Trigger
from journeys.inspector.form import EventNameField, NodeForm
from journeys.inspector.rows import Column, RowsField
from journeys.models.fillings import with_gaps
from journeys.models.node import Node
from omnichannel.shared.templating import TemplateError, compiled


def is_template(value: Any) -> bool:
    return isinstance(value, str) and ("{{" in value or "{%" in value)


class EmitEventNode(Node):
    kind = "emit_event"
    label = gettext_lazy("Note an event")
    category = "customer"
    icon = "bookmark-plus"
    order = 40
    help = gettext_lazy("Writes an event into the person's history. Segments, goals and other journeys hear of it.")

    event = models.CharField(max_length=200, blank=True)
    properties = models.JSONField(default=list, blank=True)  # [{"name": text, "value": anything, Liquid in texts}]

    @cached_property
    def fills(self) -> bool:
        return any(is_template(row["value"]) for row in self.properties)

    def needs(self) -> tuple[Need, ...]:
        return (Attributes(), Trigger()) if self.fills else ()

    def run(self, step: Step) -> Outcome:
        if not self.event:
            return Fail("There is no event to note.")
        try:
            return Effect(
                EmitEvent(self.event, {row["name"]: self._value(row["value"], step) for row in self.properties})
            )
        except TemplateError as error:
            return Fail(f"A detail of the event could not be filled in: {error}")

    def _value(self, value: Any, step: Step) -> Any:
        """What is filled in is a number, yes or no where it reads like one, as if it had been typed."""
        if not is_template(value):
            return value
        attributes = step.fact(Attributes())
        filled = compiled(value).fill({**attributes, "profile": attributes, "event": step.fact(Trigger())}).strip()
        try:
            return json.loads(filled)
        except ValueError:
            return filled or None

    def causes(self) -> tuple[tuple[str, str], ...]:
        return (("event", self.event),) if self.event else ()

    def summary(self) -> str:
        if not self.properties:
            return _("Note **%(event)s**") % {"event": self.event or "…"}
        told = ", ".join(f"{row['name']} {with_gaps(str(row['value']))}" for row in self.properties)
        return _("Note **%(event)s** with %(details)s") % {"event": self.event or "…", "details": told}

    def problems(self) -> list[Problem]:
        if self.event:
            return []
        return [Problem(_("Name the event to note."), self.key)]


class Inspector(NodeForm):
    event = EventNameField(label=gettext_lazy("Event"))
    properties = RowsField(
        label=gettext_lazy("Details"),
        help_text=gettext_lazy(
            "May contain {{ first_name }} of the person or {{ event.total }} of what brought them in."
        ),
        columns=[Column("name", gettext_lazy("Detail")), Column("value", gettext_lazy("Value"), type="any")],
        least=0,
        most=20,
    )

    class Meta:
        model = EmitEventNode
        fields = ["event", "properties"]

    def clean_properties(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.cleaned_data["properties"]
        for row in rows:
            row["name"] = str(row["name"] or "").strip()
            if not row["name"]:
                raise ValidationError(_("Name each detail."))
            if is_template(row["value"]):
                try:
                    compiled(row["value"])
                except TemplateError as error:
                    raise ValidationError(str(error)) from error
        return rows
