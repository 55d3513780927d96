"""Put the person on a list."""

import builtins

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import AddToList, Effect, Fail, Outcome
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node
from profiles.models import PeopleList


class AddToListNode(Node):
    kind = "add_to_list"
    label = gettext_lazy("Add to a list")
    category = "customer"
    icon = "playlist-add"
    order = 20
    help = gettext_lazy("Puts the person on the list. Who is on it already stays on it.")

    list = models.ForeignKey(PeopleList, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def run(self, step: Step) -> Outcome:
        return Effect(AddToList(self.list_id)) if self.list_id else Fail("There is no list to put people on.")

    def causes(self) -> tuple[tuple[str, str], ...]:
        return (("list", str(self.list_id)),) if self.list_id else ()

    def summary(self) -> str:
        return _("Add to the list **%(list)s**") % {"list": self.list.name if self.list else "…"}

    def problems(self) -> builtins.list[Problem]:
        if self.list_id:
            return []
        return [Problem(_("Choose the list."), self.key)]


class Inspector(NodeForm):
    class Meta:
        model = AddToListNode
        fields = ["list"]
        labels = {"list": gettext_lazy("Add to the list")}
