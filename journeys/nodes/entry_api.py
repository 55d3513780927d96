"""Somebody comes in because a program says so."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Advance, Outcome
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node


class EntryApiNode(Node):
    kind = "entry_api"
    label = gettext_lazy("Added by a program")
    category = "entry"
    icon = "api"
    order = 70
    help = gettext_lazy(
        "People come in when one of your programs names them. What it tells about them can be used in messages."
    )
    is_entry = True
    inspector_template = "journeys/inspector/entry_api.html"

    def run(self, step: Step) -> Outcome:
        return Advance(at=step.entered_at)

    def starts_on(self) -> tuple[tuple[str, str], ...]:
        return (("added", str(self.version.journey_id)),)

    def summary(self) -> str:
        return _("When **a program** adds someone")


class Inspector(NodeForm):
    class Meta:
        model = EntryApiNode
        fields: list[str] = []
