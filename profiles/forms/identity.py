"""The form of the identity rules."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Layout, Row, Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from profiles.ingest.identifiers import kinds
from profiles.ingest.rules import RULES, Limits
from profiles.queries.identity import word

MOST = 10_000


class IdentityRulesForm(forms.Form):
    """Limits against joins that run away, and values that name nobody."""

    merges_a_day = forms.IntegerField(
        label=_("Joins of one person within a day"),
        min_value=0,
        max_value=MOST,
        help_text=_("What is over it is stored, but joined with nobody."),
    )
    shared_after = forms.IntegerField(
        label=_("A device is shared after so many people"),
        min_value=2,
        max_value=100,
        help_text=_("From then on its visitor id joins nobody any more."),
    )
    blocked = forms.CharField(
        label=_("Values that name nobody"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("One on each line; a star stands for anything. Zeros and dashes alone never name anybody."),
    )

    def __init__(self, *args: Any, limits: Limits, **kwargs: Any) -> None:
        initial = {f"most_{kind}": limits.most_of(kind) for kind in RULES} | {
            "merges_a_day": limits.merges_a_day,
            "shared_after": limits.shared_after,
            "blocked": "\n".join(limits.blocked),
        }
        super().__init__(*args, **{**kwargs, "initial": initial})
        for kind in kinds():
            self.fields[f"most_{kind}"] = forms.IntegerField(label=word(kind), min_value=1, max_value=MOST)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            Row(Column("merges_a_day", css_class="col-sm-6"), Column("shared_after", css_class="col-sm-6")),
            HTML('{% load i18n %}<h3 class="form-label">{% translate "One person may have at most so many" %}</h3>'),
            Row(*(Column(f"most_{kind}", css_class="col-6 col-sm-4") for kind in kinds())),
            "blocked",
        )
        self.helper.add_input(Submit("save", _("Save")))

    def clean_blocked(self) -> list[str]:
        """Each value once."""
        lines = (line.strip().lower() for line in self.cleaned_data["blocked"].replace("\0", "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    @property
    def limits(self) -> dict[str, Any]:
        """As the settings row keeps them."""
        given = self.cleaned_data
        most = {kind: given[f"most_{kind}"] for kind in RULES}
        return {name: given[name] for name in ("merges_a_day", "shared_after", "blocked")} | {"most": most}
