"""Forms of the content and channel pages: a name beside what the channel or provider itself asks."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from journeys.contracts.provider import Provider
from journeys.models import ProviderAccount
from journeys.registry import channels
from omnichannel.shared.fields import hide_secrets, keep_secrets, without_secrets


class NameForm(forms.Form):
    """What a template is called inside the team."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("For your team; customers do not see it."))


def content_form(channel: str, data: Mapping[str, Any] | None = None, content: Mapping[str, Any] | None = None) -> Any:
    """The channel's own form, dressed for the page."""
    form = channels()[channel].Content(data, initial=dict(content or {}))
    dress(form)
    for name in ("body", "text"):
        if name in form.fields:
            form.fields[name].widget.attrs |= {"spellcheck": "true", "data-liquid": ""}
    if "format" in form.fields:
        form.fields["body"].widget.attrs |= {"class": "form-control font-monospace", "spellcheck": "false"}
    for name in ("subject", "preheader"):
        if name in form.fields:
            form.fields[name].widget.attrs |= {"data-liquid": "", "autocomplete": "off"}
    return form


class AccountForm(forms.ModelForm):
    """What every account has, whoever the provider is. `carries` is asked only while another account carries the
    channel: the first one does so anyway, and one that carries it already stays.
    """

    carries = forms.BooleanField(label=_("Let it carry the channel"), required=False)

    class Meta:
        model = ProviderAccount
        fields = ["name", "per_second", "enabled"]
        labels = {"per_second": _("At most per second"), "enabled": _("In use")}
        help_texts = {"per_second": _("The pace your provider allows. Left empty: as fast as it takes them.")}

    def __init__(self, data: Mapping[str, Any] | None, instance: ProviderAccount) -> None:
        super().__init__(data, instance=instance)
        carrier = ProviderAccount.objects.filter(channel=instance.channel, is_default=True).first()
        if carrier is None or carrier == instance:
            del self.fields["carries"]
            return
        carries = self.fields["carries"]
        carries.help_text = _("Until then, messages go through “%(name)s”.") % {"name": carrier.name}
        # Whoever sets up a first real account means to send with it; nobody wants customers' mail in the sandbox.
        carries.initial = instance._state.adding and carrier.kind == "sandbox"

    def clean(self) -> dict[str, Any]:
        """An account that is off carries nothing."""
        cleaned = super().clean() or {}
        if cleaned.get("carries") and not cleaned.get("enabled"):
            self.add_error("enabled", _("An account that is off cannot carry the channel."))
        return cleaned


def settings_form(provider: Provider, saved: dict[str, Any], data: Mapping[str, Any] | None = None) -> Any:
    """The provider's own form; saved secrets are never in it."""
    initial = without_secrets(provider.Settings, saved) if saved else None
    form = provider.Settings(data, initial=initial, prefix="settings")
    hide_secrets(form, saved)
    dress(form)
    return form


def settings_of(form: Any, saved: dict[str, Any]) -> dict[str, Any]:
    """What to seal: what was typed, and the secrets that were not typed again."""
    return keep_secrets(form, saved)


def dress(form: Any) -> None:
    """Bootstrap's classes on plain widgets."""
    for field in form.fields.values():
        widget = field.widget
        css = "form-select" if isinstance(widget, forms.Select) else "form-control"
        css = "form-check-input" if isinstance(widget, forms.CheckboxInput) else css
        widget.attrs["class"] = f"{css} {widget.attrs.get('class', '')}".strip()
