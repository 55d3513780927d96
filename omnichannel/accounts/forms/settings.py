"""Forms of the settings pages."""

from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.accounts.models import ApiKey, User, Workspace
from omnichannel.shared.context import THEMES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CURRENCIES: tuple[str, ...] = ("EUR", "USD", "GBP", "CHF", "PLN", "CZK", "SEK", "NOK", "DKK", "HUF", "RON", "TRY")
CURRENCIES += ("UAH", "THB", "INR", "JPY", "CNY", "KRW", "SGD", "AUD", "NZD", "CAD", "BRL", "MXN", "ZAR", "ILS", "AED")
ROLE_CHOICES = (
    ("analyst", gettext_lazy("Analyst: looks, changes nothing")),
    ("marketer", gettext_lazy("Marketer: builds and publishes")),
    ("admin", gettext_lazy("Admin: also sets up and invites")),
)


@cache
def zones() -> tuple[str, ...]:
    """Names of places only; no aliases such as "EST5EDT"."""
    places = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return ("UTC", *places)


def helper(label: "StrOrPromise") -> FormHelper:
    """Crispy's helper with one main button."""
    made = FormHelper()
    made.add_input(Submit("save", label))
    made.attrs = {"data-guard": "yes"}
    return made


class ZoneField(forms.CharField):
    """A time zone, typed with suggestions and checked."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}))
        super().__init__(max_length=64, **kwargs)

    def clean(self, value: Any) -> str:
        """A zone that exists, in its own spelling."""
        text = str(super().clean(value)).replace(" ", "_")
        if not text and not self.required:
            return ""
        found = next((zone for zone in zones() if zone.lower() == text.lower()), None)
        if found is None:
            raise forms.ValidationError(_("Choose a time zone from the list, such as Europe/Berlin."))
        return found


class WorkspaceForm(forms.ModelForm):
    """The company this installation belongs to."""

    timezone = ZoneField(
        label=gettext_lazy("Time zone"),
        help_text=gettext_lazy("Reports are cut into days here; people have their own."),
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), choices=[(code, code) for code in CURRENCIES])

    class Meta:
        model = Workspace
        fields = ("name", "timezone", "currency", "sender_name", "sender_email", "postal_address")
        labels = {
            "name": gettext_lazy("Name"),
            "sender_name": gettext_lazy("Sender's name"),
            "sender_email": gettext_lazy("Sender's e-mail"),
            "postal_address": gettext_lazy("Postal address"),
        }
        help_texts = {
            "sender_name": gettext_lazy("Messages come from this name unless a channel says otherwise."),
            "postal_address": gettext_lazy("Many countries ask for it at the foot of every e-mail."),
        }

    helper = helper(gettext_lazy("Save"))


class ProfileForm(forms.ModelForm):
    """What a user decides about themselves."""

    timezone = ZoneField(
        label=gettext_lazy("Time zone"),
        required=False,
        help_text=gettext_lazy("Times are shown in this zone. Leave empty for the workspace's."),
    )
    theme = forms.ChoiceField(label=gettext_lazy("Light or dark"), choices=THEMES)

    class Meta:
        model = User
        fields = ("name", "timezone", "theme")
        labels = {"name": gettext_lazy("Name")}

    helper = helper(gettext_lazy("Save"))


class InviteForm(forms.Form):
    """Somebody to join the team."""

    email = forms.EmailField(label=gettext_lazy("E-mail"))
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=ROLE_CHOICES, initial="marketer")

    helper = helper(gettext_lazy("Invite"))


class KeyForm(forms.Form):
    """A new key of a program."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("What will use it, such as “Warehouse export”."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("For"), choices=ApiKey.Kind.choices, initial=ApiKey.Kind.API)
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=ROLE_CHOICES,
        initial="marketer",
        help_text=gettext_lazy("Write keys only send data in; the role does not matter for them."),
    )

    helper = helper(gettext_lazy("Create key"))
