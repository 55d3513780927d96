"""Put the person on a list."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.contracts.outcomes import AddToList, Effect, Fail, Outcome
from journeys.contracts.step import Step
from journeys.inspector.form import NodeForm
from journeys.models.about_list import AboutList
from journeys.models.node import Node


class AddToListNode(AboutList, Node):
    kind = "add_to_list"
    label = gettext_lazy("Add to a list")
    category = "customer"
    icon = "playlist-add"
    order = 20
    help = gettext_lazy("Puts the person on the list. Who is on it already stays on it.")

    def run(self, step: Step) -> Outcome:
        return Effect(AddToList(self.list_id)) if self.list_id else Fail("There is no list to put people on.")

    def summary(self) -> str:
        return _("Add to the list **%(list)s**") % {"list": self.named()}


class Inspector(NodeForm):
    class Meta:
        model = AddToListNode
        fields = ["list"]
        labels = {"list": gettext_lazy("Add to the list")}
