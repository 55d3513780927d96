"""A form field for secrets: it takes one, and never shows one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class SecretField(forms.CharField):
    """Rendered empty; what is left empty keeps the secret that was saved (see `keep_secrets`)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("strip", True)
        kwargs["widget"] = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
        super().__init__(**kwargs)


def hide_secrets(form: forms.Form, saved: dict[str, Any]) -> None:
    """Say which secrets are saved, without saying them."""
    for name, field in form.fields.items():
        if isinstance(field, SecretField) and saved.get(name):
            field.widget.attrs["placeholder"] = _("•••• saved; type to replace")
            field.required = False


def without_secrets(form_class: type[forms.Form], saved: dict[str, Any]) -> dict[str, Any]:
    """What may be shown again."""
    fields = form_class.base_fields
    return {name: value for name, value in saved.items() if not isinstance(fields.get(name), SecretField)}


def keep_secrets(form: forms.Form, saved: dict[str, Any]) -> dict[str, Any]:
    """The cleaned data, with saved secrets where none was typed."""
    kept = {
        name: saved.get(name, "")
        for name, field in form.fields.items()
        if isinstance(field, SecretField) and not form.cleaned_data.get(name)
    }
    return {**form.cleaned_data, **kept}
