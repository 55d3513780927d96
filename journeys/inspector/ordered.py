"""Some of a few choices, in an order that counts: those that are ticked stand first, and each can be moved up."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.template.loader import render_to_string


class OrderedChoicesWidget(forms.SelectMultiple):
    """Ticks, and buttons that move what is ticked; without JavaScript of its own."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """What is chosen, in its order, then the rest."""
        chosen = [str(one) for one in value or []]
        labels = {str(one): label for one, label in self.choices}
        order = [*(one for one in chosen if one in labels), *(one for one in labels if one not in chosen)]
        disabled = bool((attrs or {}).get("disabled"))
        rows = [
            {
                "value": one,
                "label": labels[one],
                "chosen": one in chosen,
                "movable": one in chosen and place > 0 and not disabled,
            }
            for place, one in enumerate(order)
        ]
        return render_to_string("components/_ordered_choices.html", {"name": name, "rows": rows, "disabled": disabled})

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What is ticked, in the order of the page; what was moved changes places with the one before it."""
        chosen: Sequence[str] | Any = super().value_from_datadict(data, files, name)
        if not isinstance(chosen, list):
            return chosen
        for place, one in enumerate(chosen):
            if place and data.get(f"{name}-{one}-up"):
                return [*chosen[: place - 1], one, chosen[place - 1], *chosen[place + 1 :]]
        return chosen
