"""The form of a segment."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from profiles.forms.condition import ConditionField
from profiles.models import Segment, SegmentDraft


class SegmentForm(forms.Form):
    """Name, what it is for, and the condition."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("What it is for"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    condition = ConditionField(label=_("People who match"))

    def __init__(
        self,
        *args: Any,
        segment: Segment | None = None,
        draft: SegmentDraft | None = None,
        start: Mapping[str, Any] | None = None,
        may_write: bool = True,
        **kwargs: Any,
    ) -> None:
        shown = draft or segment
        if shown is not None:
            kwargs["initial"] = {"name": shown.name, "description": shown.description, "condition": shown.condition}
        if start:
            kwargs["initial"] = dict(start)
        super().__init__(*args, **kwargs)
        self.segment = segment
        title = {"class": "title-input", "form": "segment-form", "placeholder": _("Name of the segment")}
        title["size"] = str(min(max(len(str(self["name"].value() or "")) + 1, 16), 48))
        self.fields["name"].widget.attrs |= title | {"aria-label": _("Name")}
        self.fields["description"].widget.attrs |= {
            "class": "form-control form-control-flush",
            "placeholder": _("What is it for? A note for the team."),
            "aria-label": _("What it is for"),
        }
        for field in self.fields.values():
            field.disabled = not may_write

    def clean_name(self) -> str:
        """Two segments of one name cannot be told apart."""
        name = str(self.cleaned_data["name"]).strip()
        same = Segment.objects.filter(name=name)
        if self.segment is not None:
            same = same.exclude(pk=self.segment.pk)
        if same.exists():
            raise forms.ValidationError(_("There is another segment of this name. Choose a different one."))
        return name
