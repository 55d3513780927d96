"""What is asked before a drawing is tested with the past."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class BacktestForm(forms.Form):
    """How far back, and what people are taken to do with messages that were never sent."""

    days = forms.IntegerField(label=_("The last so many days"), min_value=1, max_value=365, initial=30)
    opened = forms.IntegerField(label=_("Of 100 messages are opened"), min_value=0, max_value=100)
    clicked = forms.IntegerField(label=_("… and clicked"), min_value=0, max_value=100)

    def clean(self) -> dict[str, Any]:
        """Who clicks has opened."""
        values: dict[str, Any] = self.cleaned_data
        if values.get("clicked", 0) > values.get("opened", 100):
            self.add_error("clicked", _("Not more than are opened."))
        return values
