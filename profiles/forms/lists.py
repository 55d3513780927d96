"""Forms of lists of people."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ListForm(forms.Form):
    """What a list is called and what it is for."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(label=_("What it is for"), max_length=400, required=False)


class PasteForm(forms.Form):
    """People, named line by line."""

    people = forms.CharField(
        label=_("E-mail addresses, phone numbers or user ids"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One on each line. People we do not know yet are left out."),
        max_length=500_000,
    )
