"""Forms of the pages around the canvas: a new journey, its settings, the filters of its people."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from journeys.engine.exits import ANY, EVERYTHING, TOPIC
from journeys.inspector.form import EventNameField
from journeys.inspector.rows import Column, RowsField
from journeys.models import Enrollment, Journey, Version
from omnichannel.accounts.forms.settings import ZoneField
from profiles.forms.condition import WhereField
from profiles.models import Segment


class NewJourneyForm(forms.ModelForm):
    """A name is enough to begin."""

    class Meta:
        model = Journey
        fields = ["name", "description"]
        labels = {"name": _("What is the journey called?"), "description": _("What is it for?")}
        help_texts = {"description": _("One sentence for your colleagues; you can leave it empty.")}
        widgets = {
            "name": forms.TextInput(attrs={"autofocus": True, "placeholder": _("Welcome new customers")}),
            "description": forms.TextInput(),
        }


MANY = 1_000_000_000


class SegmentsField(forms.ModelMultipleChoiceField):
    """Any of the segments, or none."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.SelectMultiple(attrs={"size": 4})
        hint = _("Several with Ctrl, or ⌘ on a Mac.")
        super().__init__(Segment.objects.all(), required=False, widget=widget, help_text=hint, **kwargs)


class JourneySettingsForm(forms.ModelForm):
    """What counts as success, who may come again, which topic the messages belong to."""

    UNITS = ((1, _("hours")), (24, _("days")))

    goal_event = EventNameField(
        label=_("It is a success when someone does"), help_text=_("Left empty, the journey has no goal.")
    )
    goal_where = WhereField(label=_("Only where"), event_field="goal_event")
    timezone = ZoneField(
        label=_("Time zone"),
        required=False,
        help_text=_("For people whose own time zone is not known. Left empty, the workspace's counts."),
    )
    window = forms.IntegerField(label=_("Within"), min_value=1, max_value=9999)
    unit = forms.TypedChoiceField(label=_("Unit"), choices=UNITS, coerce=int)
    entry_limit = forms.IntegerField(
        label=_("At most so many times per person"),
        help_text=_("Left empty, as often as the rules above say. Without a time it counts for ever."),
        min_value=1,
        max_value=MANY,
        required=False,
    )
    entry_total = forms.IntegerField(
        label=_("At most so many times for everybody together"),
        help_text=_("Left empty, there is no end. Counts from the first publication on."),
        min_value=1,
        max_value=MANY,
        required=False,
    )
    entry_limit_amount = forms.IntegerField(label=_("In"), min_value=1, max_value=9999, required=False)
    entry_limit_unit = forms.TypedChoiceField(
        label=_("Unit"), choices=UNITS, coerce=int, initial=24, required=False, empty_value="24"
    )
    exit_events = RowsField(
        label=_("They do one of these"),
        columns=[
            Column("event", _("Event"), type="event"),
            Column("where", _("Only where"), type="where", event="event"),
        ],
        least=0,
        most=8,
    )
    exit_joins = SegmentsField(label=_("They join a segment"))
    exit_leaves = SegmentsField(label=_("They leave a segment"))
    exit_unsubscribes = forms.ChoiceField(
        label=_("They unsubscribe"),
        required=False,
        choices=[
            ("", _("They stay")),
            (TOPIC, _("From the topic of the messages")),
            (ANY, _("From any topic")),
            (EVERYTHING, _("From every topic")),
        ],
        help_text=_(
            "Who stays gets only what they still want. With any or every topic, a blocked address counts as well."
        ),
    )

    class Meta:
        model = Version
        fields = [
            *("goal_event", "goal_where", "goal_exits", "timezone", "topic"),
            *("reentry", "entry_key", "entry_limit", "entry_total"),
        ]
        labels = {
            "goal_exits": _("People who reach the goal leave the journey"),
            "reentry": _("Who came once may come"),
            "entry_key": _("Side by side for each"),
            "topic": _("Topic of the messages"),
        }
        help_texts = {
            "topic": _("People who unsubscribed from it get nothing. Left empty, only a general unsubscribe counts."),
            "entry_key": _(
                "A property of what brings them in, like order_id: two orders run beside each other, and the same order"
                " follows the rule above. Left empty, one at a time."
            ),
            "reentry": _("“Again, when not inside” waits until they have finished."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = self.instance.goal_window_hours
        unit = 24 if hours % 24 == 0 else 1
        self.initial.update(window=hours // unit, unit=unit)
        if limit := self.instance.entry_limit_hours:
            unit = 24 if limit % 24 == 0 else 1
            self.initial.update(entry_limit_amount=limit // unit, entry_limit_unit=unit)
        self.initial.update(_exits_as_fields(self.instance.exit_rules))

    def values(self) -> dict[str, Any]:
        """What to save, by field of the version."""
        values: dict[str, Any] = {name: self.cleaned_data[name] for name in self.Meta.fields}
        amount = self.cleaned_data["entry_limit_amount"]
        values["entry_limit_hours"] = amount * int(self.cleaned_data["entry_limit_unit"]) if amount else None
        values["goal_window_hours"] = self.cleaned_data["window"] * self.cleaned_data["unit"]
        values["exit_rules"] = self._exit_rules()
        return values

    def clean_exit_events(self) -> list[dict[str, Any]]:
        """Each with a name."""
        rows: list[dict[str, Any]] = self.cleaned_data["exit_events"]
        if any(not row["event"] for row in rows):
            raise ValidationError(_("Choose the event that ends the journey for them."))
        return rows

    def _exit_rules(self) -> list[dict[str, Any]]:
        given = self.cleaned_data
        rules: list[dict[str, Any]] = [{"on": "event", **row} for row in given["exit_events"]]
        for on in ("joins", "leaves"):
            rules += [{"on": on, "segment": segment.pk} for segment in given[f"exit_{on}"]]
        if said := given["exit_unsubscribes"]:
            rules.append({"on": "unsubscribes"} if said == TOPIC else {"on": "unsubscribes", "from": said})
        return rules


def _exits_as_fields(rules: list[dict[str, Any]]) -> dict[str, Any]:
    of: dict[str, list[dict[str, Any]]] = {}
    for one in rules:
        of.setdefault(one["on"], []).append(one)
    return {
        "exit_events": [{"event": one["event"], "where": one["where"]} for one in of.get("event", [])],
        "exit_joins": [one["segment"] for one in of.get("joins", [])],
        "exit_leaves": [one["segment"] for one in of.get("leaves", [])],
        "exit_unsubscribes": of["unsubscribes"][0].get("from", TOPIC) if "unsubscribes" in of else "",
    }


class PeopleFilterForm(forms.Form):
    """Every filter is optional and stays in the address."""

    STATES = (
        ("", _("Any state")),
        ("active", _("Inside")),
        ("completed", _("Completed")),
        ("exited", _("Left early")),
        ("failed", _("Failed")),
        ("converted", _("Reached the goal")),
    )
    MESSAGES = (
        ("", _("Anyone")),
        ("sent", _("Got the message")),
        ("delivered", _("It arrived")),
        ("opened", _("Opened it")),
        ("clicked", _("Clicked it")),
        ("human_opened", _("Opened it (no machine)")),
        ("human_clicked", _("Clicked it (no machine)")),
        ("late", _("Opened or clicked too late")),
        ("replied", _("Replied to it")),
        ("skipped", _("Was skipped")),
    )

    node = forms.ChoiceField(label=_("Step"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    message = forms.ChoiceField(label=_("Message"), required=False, choices=MESSAGES)
    passed = forms.BooleanField(label=_("Also those who went on"), required=False)

    def __init__(self, *args: Any, steps: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["node"].choices = [("", _("Any step")), *steps]  # type: ignore[attr-defined]
        for name in ("node", "state", "message"):
            self.fields[name].widget.attrs |= {"class": "form-select", "aria-label": self.fields[name].label}
        self.fields["passed"].widget.attrs["class"] = "form-check-input"


STATE_VALUES = {
    "active": Enrollment.State.ACTIVE,
    "completed": Enrollment.State.COMPLETED,
    "exited": Enrollment.State.EXITED,
    "failed": Enrollment.State.FAILED,
}
