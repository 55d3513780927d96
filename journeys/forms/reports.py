"""The filters above the list of messages."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from journeys.models import Journey, Message, Template
from journeys.queries.messages import MOMENTS
from journeys.registry import channels

WORDS: Final = {"human_opened": _("Opened by a person"), "human_clicked": _("Clicked by a person")}


class MessageFilterForm(forms.Form):
    """Every filter is optional and stays in the address."""

    what = forms.ChoiceField(label=_("What happened"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    journey = forms.ModelChoiceField(Journey.objects.all(), label=_("Journey"), required=False, empty_label=_("Any"))
    template = forms.ModelChoiceField(Template.objects.all(), label=_("Template"), required=False, empty_label=_("Any"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        anything = [("", _("Any"))]
        happened = [(name, WORDS.get(name) or _(name.capitalize())) for name in MOMENTS]
        self.fields["what"].choices = anything + happened  # type: ignore[attr-defined]
        self.fields["state"].choices = anything + list(Message.State.choices)  # type: ignore[attr-defined]
        self.fields["channel"].choices = anything + [(k, c.label) for k, c in channels().items()]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"
