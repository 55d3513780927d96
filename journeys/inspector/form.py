"""The base of every inspector: one form is the panel on the canvas and the validation of the API."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from journeys.models.duration import too_long

if TYPE_CHECKING:
    NodeModelForm = forms.ModelForm[Any]
else:
    NodeModelForm = forms.ModelForm


class NodeForm(NodeModelForm):
    """Subclass it below the node, as `Inspector`, with a `Meta`: the node's class then carries it.

    Every field is a field of the model and may be empty, since a draft is saved half filled; what is missing is said
    by the node's `problems()`.
    """

    use_required_attribute = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.Meta.model.Inspector = cls  # type: ignore[attr-defined]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = _("Choose …")

    def leave_out(self, names: Iterable[str]) -> None:
        """Questions that other answers make needless: not shown, their answers kept."""
        for name in names:
            self.fields[name].widget = self.fields[name].hidden_widget()

    def shape(self) -> list[Any]:
        """What the panel has to be drawn anew for when it changes: the questions that are shown, and their shapes."""
        told = [(one.name, getattr(one.field, "shape", None), one) for one in self.visible_fields()]
        return [(name, shape(one.value() or []) if shape else None) for name, shape, one in told]

    def clean(self) -> dict[str, Any]:
        """Lengths of time stay within what can be reckoned with."""
        super().clean()
        values: dict[str, Any] = self.cleaned_data
        amount, unit = values.get("amount"), values.get("unit")
        if amount and unit and too_long(amount, unit):
            self.add_error("amount", _("Ten years at most."))
        return values


class EventNameField(forms.CharField):
    """The name of an event, suggested from the events that have been seen."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Event"))
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.TextInput(attrs={"list": "event-names", "autocomplete": "off"}))
        super().__init__(**kwargs)


class AttributeNameField(forms.CharField):
    """The name of an attribute (address.city for one inside another), suggested from those that people have."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Attribute"))
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("required", False)
        kwargs.setdefault("widget", forms.TextInput(attrs={"list": "attribute-names", "autocomplete": "off"}))
        super().__init__(**kwargs)
