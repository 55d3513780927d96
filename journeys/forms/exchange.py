"""A journey that comes as a file or as pasted text."""

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LARGEST: Final = 2_000_000


class ImportForm(forms.Form):
    """One of both is needed."""

    file = forms.FileField(label=_("File"), required=False)
    yaml = forms.CharField(
        label=_("Or paste it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "font-monospace", "spellcheck": "false"}),
        strip=False,
        max_length=LARGEST,
    )

    def clean(self) -> dict[str, Any]:
        """The text of the file, where there is one."""
        values: dict[str, Any] = super().clean() or {}
        file = values.get("file")
        if file:
            if file.size > LARGEST:
                raise ValidationError(_("This is too long for a journey."))
            try:
                values["yaml"] = file.read().decode()
            except UnicodeDecodeError as error:
                raise ValidationError(_("This file is no text.")) from error
        elif not values.get("yaml", "").strip():
            raise ValidationError(_("Choose a file, or paste the text of a journey."))
        return values
