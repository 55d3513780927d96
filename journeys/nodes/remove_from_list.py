"""Take the person off a list."""

import builtins

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Effect, Fail, Outcome, RemoveFromList
from journeys.contracts.problem import Problem
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.node import Node
from profiles.models import PeopleList


class RemoveFromListNode(Node):
    kind = "remove_from_list"
    label = gettext_lazy("Take off a list")
    category = "customer"
    icon = "playlist-x"
    order = 30
    help = gettext_lazy("Takes the person off the list. Nothing happens to who is not on it.")

    list = models.ForeignKey(PeopleList, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def run(self, step: Step) -> Outcome:
        return Effect(RemoveFromList(self.list_id)) if self.list_id else Fail("There is no list to take people off.")

    def causes(self) -> tuple[tuple[str, str], ...]:
        return (("list", str(self.list_id)),) if self.list_id else ()

    def summary(self) -> str:
        return _("Take off the list **%(list)s**") % {"list": self.list.name if self.list else "…"}

    def problems(self) -> builtins.list[Problem]:
        if self.list_id:
            return []
        return [Problem(_("Choose the list."), self.key)]


class Inspector(NodeForm):
    class Meta:
        model = RemoveFromListNode
        fields = ["list"]
        labels = {"list": gettext_lazy("Take off the list")}
