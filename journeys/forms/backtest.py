"""What is asked before a drawing is tested with the past."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from journeys.models import Node


class BacktestForm(forms.Form):
    """How far back, and what people, other systems and colleagues are taken to do with what was never sent or asked."""

    days = forms.IntegerField(label=_("The last so many days"), min_value=1, max_value=365, initial=30)
    opened = forms.IntegerField(label=_("Of 100 messages are opened"), min_value=0, max_value=100)
    clicked = forms.IntegerField(label=_("… and clicked"), min_value=0, max_value=100)

    def __init__(self, *args: Any, nodes: Iterable[Node], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asking: list[tuple[str, str, str]] = []  # step, way out, field
        for node in nodes:
            for n, (port, label) in enumerate(node.answers()):
                name = f"answer-{node.key}-{port}"
                words = {"step": str(node), "way": label}
                text = _("“%(step)s”: of 100 the answer is “%(way)s”") if n == 0 else _("… “%(way)s”")
                self.fields[name] = forms.IntegerField(
                    label=text % words, min_value=0, max_value=100, initial=0, required=False
                )
                self.asking.append((node.key, port, name))

    def clean(self) -> dict[str, Any]:
        """Who clicks has opened; of a hundred questions a hundred are answered at most."""
        values: dict[str, Any] = self.cleaned_data
        if values.get("clicked", 0) > values.get("opened", 100):
            self.add_error("clicked", _("Not more than are opened."))
        answers: dict[str, dict[str, int]] = {}
        for key, port, name in self.asking:
            if share := values.get(name):
                answers.setdefault(key, {})[port] = share
                if sum(answers[key].values()) > 100:
                    self.add_error(name, _("Together they are not more than 100."))
        return values | {"answers": answers}
