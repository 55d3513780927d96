"""Write down something about the person."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Effect, Outcome, UpdateAttributes
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.inspector.rows import Column, RowsField
from journeys.models.node import Node


class UpdateProfileNode(Node):
    kind = "update_profile"
    label = gettext_lazy("Update profile")
    category = "customer"
    icon = "user-edit"
    order = 10
    help = gettext_lazy("Sets or removes what is known about the person. Leave the value empty to remove it.")

    changes = models.JSONField(default=list, blank=True)  # [{"attribute": name, "value": anything; null removes}]

    def run(self, step: Step) -> Outcome:
        return Effect(UpdateAttributes({change["attribute"]: change["value"] for change in self.changes}))

    def causes(self) -> tuple[tuple[str, str], ...]:
        return tuple(("attribute", change["attribute"]) for change in self.changes)

    def summary(self) -> str:
        parts = [
            _("remove **%(name)s**") % {"name": change["attribute"]}
            if change["value"] is None
            else _("set **%(name)s** to **%(value)s**")
            % {"name": change["attribute"], "value": spoken(change["value"])}
            for change in self.changes
        ]
        text = ", ".join(parts) or _("set …")
        return text[0].upper() + text[1:]

    def problems(self) -> list[Problem]:
        if self.changes:
            return []
        return [Problem(_("Say what to set or remove."), self.key)]


def spoken(value: Any) -> Any:
    """A value as one says it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else value


class Inspector(NodeForm):
    changes = RowsField(
        label=gettext_lazy("Set"),
        columns=[
            Column("attribute", gettext_lazy("Attribute")),
            Column("value", gettext_lazy("Value"), type="any"),
        ],
        least=0,
        most=20,
    )

    class Meta:
        model = UpdateProfileNode
        fields = ["changes"]

    def clean_changes(self) -> list[dict[str, Any]]:
        changes: list[dict[str, Any]] = self.cleaned_data["changes"]
        for change in changes:
            change["attribute"] = str(change["attribute"] or "").strip()
            if not change["attribute"]:
                raise ValidationError(_("Name the attribute to set or remove."))
        return changes
