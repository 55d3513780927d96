"""Part people many ways by who they are: the first answer that fits, and a way for everyone else."""

from functools import cached_property
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Matches, Need, Step, canonical
from journeys.inspector.form import NodeForm
from journeys.inspector.rows import Column, RowsField
from journeys.models.node import Node
from profiles.segments.ast import ConditionError, parse

MOST: Final = 10


class ManyWaysNode(Node):
    kind = "many_ways"
    label = gettext_lazy("Many ways")
    category = "branch"
    icon = "arrow-ramp-right-2"
    order = 25
    help = gettext_lazy("Everybody takes the first way they match, from top to bottom; who matches none goes the last.")
    ports = ("else",)

    ways = models.JSONField(default=list, blank=True)  # [{"port": way_1, "name": text, "condition": tree}]

    @cached_property
    def asked(self) -> tuple[tuple[str, Matches], ...]:
        return tuple((way["port"], Matches(canonical(way.get("condition")))) for way in self.ways)

    def needs(self) -> tuple[Need, ...]:
        return tuple(dict.fromkeys(need for _port, need in self.asked))

    def run(self, step: Step) -> Outcome:
        return Advance(next((port for port, need in self.asked if step.fact(need)), "else"))

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        return (*((way["port"], way["name"]) for way in self.ways), ("else", _("Everyone else")))

    def summary(self) -> str:
        names = ", ".join(f"**{way['name']}**" for way in self.ways) or "…"
        return _("%(names)s, or everyone else") % {"names": names}

    def problems(self) -> list[Problem]:
        found = [] if self.ways else [Problem(_("Add a way, and say who takes it."), self.key)]
        for way in self.ways:
            try:
                parse(way.get("condition"))
            except ConditionError:
                found.append(Problem(_("Say who takes the way “%s”.") % way["name"], self.key))
        return found


class Inspector(NodeForm):
    ways = RowsField(
        label=gettext_lazy("Ways"),
        columns=[
            Column("port", type="key"),
            Column("name", gettext_lazy("Name")),
            Column("condition", gettext_lazy("For people who match"), type="condition"),
        ],
        least=0,
        most=MOST,
    )

    class Meta:
        model = ManyWaysNode
        fields = ["ways"]

    def clean_ways(self) -> list[dict[str, Any]]:
        ways: list[dict[str, Any]] = self.cleaned_data["ways"]
        for number, way in enumerate(ways, start=1):
            name = way["name"] if way["name"] is not None else ""
            if not isinstance(name, str):
                raise ValidationError(_("A name is a text."))
            way["name"] = name.strip()[:40] or _("Way %(n)s") % {"n": number}
        return ways
