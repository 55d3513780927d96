"""Part people by chance, the same person always to the same side."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.inspector.rows import Column, RowsField
from journeys.models.node import Node

LEAST, MOST = 2, 5


def halves() -> list[dict[str, Any]]:
    return [{"name": "A", "percent": 50}, {"name": "B", "percent": 50}]


class RandomSplitNode(Node):
    kind = "random_split"
    label = gettext_lazy("A/B split")
    category = "branch"
    icon = "arrows-split-2"
    order = 30
    help = gettext_lazy("Sends a share of people each way, by chance. The same person always goes the same way.")

    arms = models.JSONField(default=halves)

    def run(self, step: Step) -> Outcome:
        ticket, upto = step.bucket(100), 0
        for number, arm in enumerate(self.arms, start=1):
            upto += arm["percent"]
            if ticket < upto:
                return Advance(f"arm_{number}")
        return Advance(f"arm_{len(self.arms)}")

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"arm_{n}", f"{arm['name']} {arm['percent']} %") for n, arm in enumerate(self.arms, start=1))

    def summary(self) -> str:
        return _("By chance: %(arms)s") % {
            "arms": ", ".join(f"**{arm['name']}** {arm['percent']} %" for arm in self.arms)
        }

    def problems(self) -> list[Problem]:
        total = sum(arm["percent"] for arm in self.arms)
        if total == 100:
            return []
        return [Problem(_("The shares add up to %(n)s %%; make it 100.") % {"n": total}, self.key)]


class Inspector(NodeForm):
    arms = RowsField(
        label=gettext_lazy("Ways"),
        columns=[
            Column("name", gettext_lazy("Name")),
            Column("percent", gettext_lazy("Share in %"), type="number"),
        ],
        least=LEAST,
        most=MOST,
    )

    class Meta:
        model = RandomSplitNode
        fields = ["arms"]

    def clean_arms(self) -> list[dict[str, Any]]:
        arms: list[dict[str, Any]] = self.cleaned_data["arms"]
        for number, arm in enumerate(arms):
            arm["name"] = str(arm["name"] or "").strip()[:30] or chr(ord("A") + number)
            if not isinstance(arm["percent"], int) or not 0 <= arm["percent"] <= 100:
                raise ValidationError(_("A share is a whole number from 0 to 100."))
        return arms
