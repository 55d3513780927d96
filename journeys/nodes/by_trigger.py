"""Part people by the event that brought them in."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Need, Step, Trigger, TriggerName
from journeys.inspector.form import NodeForm
from journeys.inspector.rows import Column, RowsField
from journeys.models.node import Node
from profiles.segments.ast import ConditionError, parse_where
from profiles.segments.filters import PropertyFilter, describe_where, where_holds

MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Way:
    """Any event where `event` is empty. `where` None: it cannot be understood, so nobody goes this way."""

    port: str
    event: str
    where: tuple[PropertyFilter, ...] | None


class ByTriggerNode(Node):
    kind = "by_trigger"
    label = gettext_lazy("By what brought them in")
    category = "branch"
    icon = "arrow-fork"
    order = 27
    help = gettext_lazy("Looks at the event that began the journey. Everybody takes the first way that fits.")
    ports = ("else",)

    ways = models.JSONField(default=list, blank=True)  # [{"port": way_1, "event": name or "", "where": filters}]

    @cached_property
    def asked(self) -> tuple[Way, ...]:
        return tuple(Way(way["port"], way["event"], _filters(way.get("where"))) for way in self.ways)

    def needs(self) -> tuple[Need, ...]:
        return (Trigger(), TriggerName())

    def run(self, step: Step) -> Outcome:
        name, properties = step.fact(TriggerName()), step.fact(Trigger())
        for way in self.asked:
            fits = name and way.event in ("", name)
            if fits and way.where is not None and where_holds(way.where, properties, step.now):
                return Advance(way.port)
        return Advance("else")

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        return (*((way.port, _in_words(way)) for way in self.asked), ("else", _("Everyone else")))

    def summary(self) -> str:
        ways = ", ".join(f"**{_in_words(way)}**" for way in self.asked) or "…"
        return _("They came by %(ways)s, or by anything else") % {"ways": ways}

    def problems(self) -> list[Problem]:
        found = [] if self.ways else [Problem(_("Add a way, and say which event takes it."), self.key)]
        for number, way in enumerate(self.asked, start=1):
            if not way.event and not way.where:
                text = _("Say which event takes way %(n)s, or what it has to say.") % {"n": number}
                found.append(Problem(text, self.key))
        return found


def _filters(where: Any) -> tuple[PropertyFilter, ...] | None:
    try:
        return parse_where(where or [])
    except ConditionError:
        return None


def _in_words(way: Way) -> str:
    where = describe_where(way.where or ())
    if way.event and where:
        return _("%(event)s where %(where)s") % {"event": way.event, "where": where}
    return way.event or where or "…"


class Inspector(NodeForm):
    ways = RowsField(
        label=gettext_lazy("Ways"),
        columns=[
            Column("port", type="key"),
            Column("event", gettext_lazy("They came by"), type="event"),
            Column("where", gettext_lazy("Only where"), type="where", event="event"),
        ],
        least=0,
        most=MOST,
        help_text=gettext_lazy("Leave the event empty to look at whatever event it was."),
    )

    class Meta:
        model = ByTriggerNode
        fields = ["ways"]

    def clean_ways(self) -> list[dict[str, Any]]:
        return [way | {"event": way["event"] or ""} for way in self.cleaned_data["ways"]]
