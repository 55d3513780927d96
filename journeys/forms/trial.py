"""What is asked before somebody is led through a drawing, and how the walk is kept between two clicks."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from journeys.models import Node
from journeys.queries.trial import Asked, Move, Walked
from profiles.models import Profile

MOST_MOVES: Final = 200
DOES: Final = ("pass", "did", "react", "choose")


class TrialForm(forms.Form):
    """Who, from where, when, and what brings them in."""

    person = forms.ModelChoiceField(label=_("Who"), queryset=Profile.objects.filter(merged_into=None), required=False)
    entry = forms.ChoiceField(label=_("They come in here"))
    at = forms.DateTimeField(
        label=_("The clock shows"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    details = forms.CharField(
        label=_("With these details"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "plan: trial"}),
        help_text=_("One a line. Steps and messages can use them."),
        max_length=2000,
    )

    def __init__(self, *args: Any, entries: list[Node], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entry"].choices = [(node.key, str(node)) for node in entries]  # type: ignore[attr-defined]
        self.fields["details"].initial = "\n".join(
            f"{one.field}: {one.value}" for node in entries[:1] for one in node.asks() if one.op == "eq"
        )
        if len(entries) < 2:
            self.fields["entry"].widget = forms.HiddenInput()
            self.fields["entry"].initial = entries[0].key if entries else ""

    def asked(self) -> Asked:
        """The beginning of a walk."""
        values = self.cleaned_data
        person: Profile | None = values["person"]
        return Asked(person.pk if person else None, values["entry"], values["at"], _details(values["details"]))


def _details(text: str) -> dict[str, Any]:
    lines = [line.partition(":") for line in text.splitlines() if ":" in line]
    return {name.strip(): _value(value.strip()) for name, _colon, value in lines if name.strip()}


def _value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def moved(asked: Asked, walked: Walked, posted: Mapping[str, Any]) -> Asked:
    """The walk with one thing more done by hand. Another way out of an earlier step forgets what came after."""
    do, name, what = (str(posted.get(key, ""))[:200] for key in ("do", "name", "what"))
    text = str(posted.get("visit", ""))
    visit = int(text) if text.isdecimal() and len(text) < 6 else walked.visit
    if do not in DOES or len(asked.moves) >= MOST_MOVES:
        return asked
    early = do == "choose" and (visit < walked.visit or walked.here is None)
    kept = [move for move in asked.moves if move.visit < visit] if early else list(asked.moves)
    return replace(asked, moves=[*kept, Move(do, visit, name, what, early)])


def dump(asked: Asked) -> dict[str, Any]:
    """For the session."""
    return {**asdict(asked), "at": asked.at.isoformat()}


def load(raw: Mapping[str, Any]) -> Asked | None:
    """From the session; None: there is no walk."""
    at: datetime | None = parse_datetime(raw["at"]) if raw else None
    if at is None:
        return None
    return Asked(raw["profile_id"], raw["entry"], at, raw["details"], [Move(**move) for move in raw["moves"]])
