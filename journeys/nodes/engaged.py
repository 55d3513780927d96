"""Part people by what became of earlier messages to them, of this journey or of any."""

from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Matches, Need, Step, canonical
from journeys.inspector.form import NodeForm
from journeys.models.duration import Unit, in_words
from journeys.models.node import Node
from journeys.models.template import Template


class EngagedNode(Node):
    """Decides at once; `opened` is the one that gives them time."""

    class Did(models.TextChoices):
        OPENED = "opened", gettext_lazy("opened")
        CLICKED = "clicked", gettext_lazy("clicked in")
        SENT = "sent", gettext_lazy("were sent")

    class Of(models.TextChoices):
        ANY = "any", gettext_lazy("any message")
        JOURNEY = "journey", gettext_lazy("any message of this journey")
        TEMPLATE = "template", gettext_lazy("the message chosen below")

    kind = "engaged"
    label = gettext_lazy("By earlier messages")
    category = "branch"
    icon = "mail-check"
    order = 15
    help = gettext_lazy("Looks at what became of earlier messages, at this moment.")
    ports = ("yes", "no")
    loads = ("version",)

    did = models.CharField(max_length=7, choices=Did.choices, default=Did.OPENED)
    of = models.CharField(max_length=8, choices=Of.choices, default=Of.ANY)
    template = models.ForeignKey(Template, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    amount = models.PositiveIntegerField(default=30)
    unit = models.CharField(max_length=7, choices=Unit.choices, default=Unit.DAYS)

    @cached_property
    def need(self) -> Matches:
        asked: dict[str, Any] = {"type": "message", "what": self.did}
        if self.amount:
            asked["within"] = {"amount": self.amount, "unit": self.unit}
        if self.of == self.Of.JOURNEY:
            asked["journey"] = self.version.journey_id
        if self.of == self.Of.TEMPLATE:
            asked["template"] = self.template_id or 0  # none chosen: matches nobody
        return Matches(canonical(asked))

    def needs(self) -> tuple[Need, ...]:
        return (self.need,)

    def run(self, step: Step) -> Outcome:
        return Advance("yes" if step.fact(self.need) else "no")

    def get_ports(self) -> tuple[tuple[str, str], ...]:
        return (("yes", _("Yes")), ("no", _("No")))

    def summary(self) -> str:
        which = {
            self.Of.ANY: _("any message"),
            self.Of.JOURNEY: _("any message of this journey"),
            self.Of.TEMPLATE: f"“{self.template.name}”" if self.template else "…",
        }[self.Of(self.of)]
        words = {"did": self.get_did_display(), "which": which, "time": in_words(self.amount, self.unit)}
        if not self.amount:
            return _("Yes for people who **%(did)s** **%(which)s**") % words
        return _("Yes for people who **%(did)s** **%(which)s** in the last **%(time)s**") % words

    def problems(self) -> list[Problem]:
        if self.of == self.Of.TEMPLATE and not self.template_id:
            return [Problem(_("Choose the message to look at."), self.key)]
        return []


class Inspector(NodeForm):
    class Meta:
        model = EngagedNode
        fields = ["did", "of", "template", "amount", "unit"]
        labels = {
            "did": gettext_lazy("Yes for people who"),
            "of": gettext_lazy("Which"),
            "template": gettext_lazy("Message"),
            "amount": gettext_lazy("In the last"),
            "unit": gettext_lazy("Unit"),
        }
        help_texts = {"amount": gettext_lazy("0: at any time.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (self.data.get(self.add_prefix("of")) or self.instance.of) != EngagedNode.Of.TEMPLATE:
            self.leave_out(["template"])
