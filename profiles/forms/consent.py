"""Forms of the consent page."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from profiles.models import Topic
from profiles.services.suppressions import AddressError, normal

ADDRESSES_AT_ONCE = 1000


class TopicForm(forms.ModelForm):
    """What people can subscribe to."""

    class Meta:
        model = Topic
        fields = ("name", "description", "default_subscribed", "transactional")
        labels = {
            "name": _("Name"),
            "description": _("Description"),
            "default_subscribed": _("People who never answered count as subscribed"),
            "transactional": _("Always sent, whatever the answer"),
        }
        help_texts = {
            "description": _("People read this where they choose what to get."),
            "default_subscribed": _("Leave off where the law asks for a yes first."),
            "transactional": _("For order confirmations and the like only."),
        }

    helper = FormHelper()
    helper.add_input(Submit("save", _("Save")))


class BlockForm(forms.Form):
    """Addresses never to be written to."""

    addresses = forms.CharField(
        label=_("E-mail addresses or phone numbers"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One on each line."),
    )

    def clean_addresses(self) -> list[str]:
        """Each line must be an address."""
        lines = [line.strip() for line in self.cleaned_data["addresses"].splitlines() if line.strip()]
        if len(lines) > ADDRESSES_AT_ONCE:
            raise forms.ValidationError(_("At most 1,000 at once."))
        for line in lines:
            try:
                normal(line)
            except AddressError as error:
                raise forms.ValidationError(str(error)) from error
        return lines
