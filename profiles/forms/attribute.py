"""The form behind an attribute that is edited in place."""

import math
from typing import Any, Final

from django import forms
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from profiles.ingest.attributes import MAX_NAME, email_identity, is_zone, snake

TYPES: Final = (
    ("text", _("Text")),
    ("number", _("Number")),
    ("yes_no", _("Yes or no")),
    ("date", _("Date")),
    ("list", _("List")),
)
YES: Final = ("yes", "true", "1")
NO: Final = ("no", "false", "0")


def type_of(value: Any) -> str:
    """The type that a stored value is edited as; empty for nested values, which are not."""
    match value:
        case bool():
            return "yes_no"
        case int() | float():
            return "number"
        case list():
            return "list" if all(isinstance(one, str) for one in value) else ""
        case str():
            return "date" if _is_date(value) else "text"
    return ""


def as_text(value: Any) -> str:
    """A stored value as it stands in the input."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(str(one) for one in value)
    return str(value)


def _is_date(value: str) -> bool:
    try:
        return bool(parse_date(value) or parse_datetime(value))
    except ValueError:
        return False


class AttributeForm(forms.Form):
    """Name, type and value of one attribute."""

    name = forms.CharField(label=_("Name"), max_length=MAX_NAME)
    type = forms.ChoiceField(label=_("Type"), choices=TYPES, initial="text")
    value = forms.CharField(label=_("Value"), max_length=5000)

    def clean_name(self) -> str:
        """As names are stored."""
        name = snake(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("A name needs at least one letter or digit."))
        return name

    def clean(self) -> dict[str, Any]:
        """The value as its type says, in `stored`."""
        data = super().clean() or self.cleaned_data
        if "value" not in data or "type" not in data or "name" not in data:
            return data
        try:
            data["stored"] = self._stored(data["name"], data["type"], data["value"].strip())
        except ValueError as error:
            self.add_error("value", str(error))
        return data

    def _stored(self, name: str, kind: str, text: str) -> Any:
        if name == "email" and email_identity(text) is None:
            raise ValueError(_("An e-mail address looks like anna@shop.example."))
        if name == "timezone" and not is_zone(text):
            raise ValueError(_("A time zone looks like Europe/Berlin."))
        if kind == "number":
            return self._number(text)
        if kind == "yes_no":
            if text.lower() not in YES + NO:
                raise ValueError(_("Say yes or no."))
            return text.lower() in YES
        if kind == "date" and not _is_date(text):
            raise ValueError(_("A date looks like 2026-01-31."))
        if kind == "list":
            return [part.strip() for part in text.split(",") if part.strip()]
        return text

    def _number(self, text: str) -> int | float:
        try:
            number = float(text)
        except ValueError:
            raise ValueError(_("A number looks like 42 or 3.5.")) from None
        if not math.isfinite(number):
            raise ValueError(_("This number is too large."))
        return int(text) if text.lstrip("+-").isdecimal() else number
