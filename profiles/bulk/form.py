"""What to do with many people at once."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from profiles.bulk import deeds
from profiles.forms.attribute import TYPES, AttributeForm
from profiles.ingest.attributes import MAX_NAME, snake
from profiles.models import PeopleList, Topic

DEEDS: Final = (
    ("set", _("Set an attribute")),
    ("remove", _("Remove an attribute")),
    ("subscribe", _("Subscribe to a topic")),
    ("unsubscribe", _("Unsubscribe from a topic")),
    ("add", _("Add to a list")),
    ("take", _("Take off a list")),
)
ONE_EACH: Final = ("email", "phone")


class DeedForm(forms.Form):
    """One of several changes; only the fields of the one that is chosen are asked for. `cleaned_data["deed"]`."""

    do = forms.ChoiceField(choices=DEEDS, initial="set", widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=MAX_NAME, required=False)
    type = forms.ChoiceField(label=_("Type"), choices=TYPES, initial="text", required=False)
    value = forms.CharField(label=_("Value"), max_length=5000, required=False)
    topic = forms.ModelChoiceField(
        Topic.objects.filter(transactional=False), label=_("Topic"), required=False, empty_label=None
    )
    list = forms.ModelChoiceField(PeopleList.objects.all(), label=_("List"), required=False, empty_label=None)

    def clean(self) -> dict[str, Any]:
        """The deed that was described."""
        data = super().clean() or self.cleaned_data
        match data.get("do"):
            case "set":
                data["deed"] = self._set()
            case "remove":
                data["deed"] = deeds.Attribute(self._name(), None)
            case "subscribe" | "unsubscribe" if data.get("topic"):
                data["deed"] = deeds.Subscription(data["topic"].pk, data["do"] == "subscribe")
            case "add" | "take" if data.get("list"):
                data["deed"] = deeds.Listing(data["list"].pk, data["do"] == "add")
            case "subscribe" | "unsubscribe":
                self.add_error("topic", _("Choose a topic."))
            case "add" | "take":
                self.add_error("list", _("Choose a list."))
        return data

    def _set(self) -> deeds.Attribute | None:
        one = AttributeForm({name: self.cleaned_data.get(name) for name in ("name", "type", "value")})
        if not one.is_valid():
            for name, errors in one.errors.items():
                self.add_error(name, errors)
            return None
        name = one.cleaned_data["name"]
        if name in ONE_EACH:
            self.add_error("name", _("Everybody has their own. It cannot be the same for many."))
        return deeds.Attribute(name, one.cleaned_data["stored"])

    def _name(self) -> str:
        name = snake(self.cleaned_data.get("name") or "")
        if not name:
            self.add_error("name", _("A name needs at least one letter or digit."))
        return name
