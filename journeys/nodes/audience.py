"""Part those who match a condition from those who do not."""

from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Matches, Need, Step, canonical
from journeys.inspector.form import NodeForm
from journeys.models.node import Node
from profiles.forms.condition import ConditionField
from profiles.segments.ast import ConditionError, parse
from profiles.segments.describe import in_words


class AudienceNode(Node):
    kind = "audience"
    label = gettext_lazy("By who they are")
    category = "branch"
    icon = "user-question"
    order = 20
    help = gettext_lazy("Looks at what is known about the person at this moment.")
    ports = ("yes", "no")

    condition = models.JSONField(default=dict, blank=True)

    @cached_property
    def need(self) -> Matches:
        return Matches(canonical(self.condition))

    def needs(self) -> tuple[Need, ...]:
        return (self.need,)

    def run(self, step: Step) -> Outcome:
        return Advance("yes" if step.fact(self.need) else "no")

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        return (("yes", _("Yes")), ("no", _("No")))

    def summary(self) -> str:
        try:
            return _("Yes for people who **%(words)s**") % {"words": in_words(parse(self.condition))}
        except ConditionError:
            return _("Yes for people who …")

    def problems(self) -> list[Problem]:
        if not self.condition:
            return [Problem(_("Say whom to let through on the Yes side."), self.key)]
        try:
            parse(self.condition)
        except ConditionError as error:
            return [Problem(str(error), self.key)]
        return []


class Inspector(NodeForm):
    condition = ConditionField(label=gettext_lazy("Yes for people who match"), required=False)

    class Meta:
        model = AudienceNode
        fields = ["condition"]

    def clean_condition(self) -> dict[str, Any]:
        return self.cleaned_data["condition"] or {}
