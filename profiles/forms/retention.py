"""How long to keep what: one number for each kind of thing, and numbers of their own for some events."""

from typing import Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from profiles.models import KeepRule
from profiles.services import retention

LONGEST: Final = 240


class KeepForm(forms.Form):
    """Empty means for ever."""

    def __init__(self, data: QueryDict | None = None) -> None:
        saved = {(rule.what, rule.name): rule.months for rule in KeepRule.objects.order_by("name")}
        self.rules: dict[tuple[str, str], int | None] = {}
        self.rows: list[tuple[str, int | str | None]]
        super().__init__(data, initial={what: months for (what, name), months in saved.items() if not name})
        self._add(
            retention.EVENTS, gettext_lazy("What people did"), gettext_lazy("Segments no longer see what is older.")
        )
        for kept in retention.kinds():
            self._add(kept.what, kept.label, kept.hint)
        if data is None:
            self.rows = [(name, months) for (what, name), months in saved.items() if what == retention.EVENTS and name]
        else:
            self.rows = list(zip(data.getlist("name"), data.getlist("months"), strict=False))

    def _add(self, what: str, label: Any, hint: Any) -> None:
        self.fields[what] = forms.IntegerField(
            label=label, help_text=hint, min_value=1, max_value=LONGEST, required=False
        )
        self.fields[what].widget.attrs |= {"class": "form-control keep-months", "placeholder": _("for ever")}

    def clean(self) -> dict[str, Any]:
        """The rows beside the fields."""
        found: dict[tuple[str, str], int | None] = {}
        for name, months in self.rows:
            if not name.strip():
                continue
            text = str(months or "").strip()
            if text and not (text.isdecimal() and 1 <= int(text) <= LONGEST):
                raise forms.ValidationError(_("“%(name)s”: say a number of months from 1 to 240.") % {"name": name})
            found[retention.EVENTS, name.strip()] = int(text) if text else None
        general = {(what, ""): months for what, months in self.cleaned_data.items() if months}
        self.rules = {**general, **found}
        return self.cleaned_data
