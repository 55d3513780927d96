"""Take the person off a list."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import Effect, Fail, Outcome, RemoveFromList
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.about_list import AboutList
from journeys.models.node import Node


class RemoveFromListNode(AboutList, Node):
    kind = "remove_from_list"
    label = gettext_lazy("Take off a list")
    category = "customer"
    icon = "playlist-x"
    order = 30
    help = gettext_lazy("Takes the person off the list. Nothing happens to who is not on it.")

    def run(self, step: Step) -> Outcome:
        return Effect(RemoveFromList(self.list_id)) if self.list_id else Fail("There is no list to take people off.")

    def summary(self) -> str:
        return _("Take off the list **%(list)s**") % {"list": self.named()}


class Inspector(NodeForm):
    class Meta:
        model = RemoveFromListNode
        fields = ["list"]
        labels = {"list": gettext_lazy("Take off the list")}
