"""Go on at another step of the same journey."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Fail, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node


class JumpNode(Node):
    kind = "jump"
    label = gettext_lazy("Jump to a step")
    category = "end"
    icon = "arrow-guide"
    order = 30
    help = gettext_lazy("They go on at another step of this journey, without a line across the drawing.")
    ports = ()

    target_key = models.CharField(max_length=32, blank=True)
    target_title = ""  # set by `journeys.queries.cards`, for the words on the card

    def run(self, step: Step) -> Outcome:
        return Advance() if self.target_key else Fail("There is no step to jump to.")

    def jumps_to(self) -> str | None:
        return self.target_key or None

    def summary(self) -> str:
        if not self.target_key:
            return _("Go on at …")
        return _("Go on at **%(step)s**") % {"step": self.target_title or _("another step")}

    def problems(self) -> list[Problem]:
        if self.target_key:
            return []
        return [Problem(_("Choose the step to jump to."), self.key)]


def targets_of(node: JumpNode) -> Iterator[tuple[str, str]]:
    """The other steps of the journey, from top to bottom, for a menu."""
    yield "", _("Choose a step …")
    if node.version_id:
        for other in Node.objects.filter(version_id=node.version_id).order_by("y", "x", "id"):
            if other.key != node.key and not other.is_entry:
                yield other.key, str(other)


class Inspector(NodeForm):
    target_key = forms.ChoiceField(label=gettext_lazy("Go on at"), required=False)

    class Meta:
        model = JumpNode
        fields = ["target_key"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(targets_of(self.instance))
        # A draft may lead to a step that is gone meanwhile, or is drawn next; the list of problems says so.
        asked = self.data.get(self.add_prefix("target_key")) or self.instance.target_key
        if asked and asked not in dict(choices):
            choices.append((asked, _("A step that is gone")))
        self.fields["target_key"].choices = choices  # type: ignore[attr-defined]
