"""Part people by how they can be reached: the first of some channels on which they have an address that works."""

from functools import cached_property
from typing import Any, Final

from django import forms
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Matches, Need, Step, canonical
from journeys.inspector.form import NodeForm
from journeys.inspector.ordered import OrderedChoicesWidget
from journeys.models.node import Node
from profiles.models import Topic
from profiles.segments.kinds.reachable import LABELS

CHANNELS: Final = {"email": "email", "phone": "sms"}  # the channel that a word of consent is about, by address


def everything() -> list[str]:
    return ["email", "phone"]


class ReachableNode(Node):
    kind = "reachable"
    label = gettext_lazy("How they can be reached")
    category = "branch"
    icon = "antenna"
    order = 28
    help = gettext_lazy("Everybody takes the first way on which a message could reach them at this moment.")
    ports = ("nobody",)
    loads = ("topic",)

    ways = models.JSONField(default=everything, blank=True)  # kinds of address, those to be preferred first
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    @cached_property
    def asked(self) -> tuple[tuple[str, Matches], ...]:
        return tuple((by, Matches(canonical(self._condition(by)))) for by in self.ways)

    def _condition(self, by: str) -> dict[str, Any]:
        address = {"type": "reachable", "by": by}
        if self.topic is None:
            return address
        agreed = {"type": "consent", "topic": self.topic.slug, "channel": CHANNELS.get(by, "")}
        return {"type": "all", "of": [address, agreed]}

    def needs(self) -> tuple[Need, ...]:
        return tuple(need for _by, need in self.asked)

    def run(self, step: Step) -> Outcome:
        return Advance(next((by for by, need in self.asked if step.fact(need)), "nobody"))

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        return (*((by, capfirst(str(LABELS[by]))) for by in self.ways), ("nobody", _("Not at all")))

    def summary(self) -> str:
        names = _(", else ").join(f"**{LABELS[by]}**" for by in self.ways) or "…"
        if self.topic is None:
            return _("First by %(names)s") % {"names": names}
        return _("First by %(names)s, where they agreed to **%(topic)s**") % {"names": names, "topic": self.topic.name}

    def problems(self) -> list[Problem]:
        return [] if self.ways else [Problem(_("Choose how to reach people."), self.key)]


class Inspector(NodeForm):
    ways = forms.MultipleChoiceField(
        label=gettext_lazy("Ways"),
        choices=[(by, capfirst(str(label))) for by, label in LABELS.items()],
        widget=OrderedChoicesWidget,
        required=False,
        help_text=gettext_lazy("Who can be reached in several ways takes the one that stands first."),
    )

    class Meta:
        model = ReachableNode
        fields = ["ways", "topic"]
        labels = {"topic": gettext_lazy("Only where they agreed to")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].empty_label = _("Any topic")  # type: ignore[attr-defined]
