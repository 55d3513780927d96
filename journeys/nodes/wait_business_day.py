"""Wait for a day on which people work, by the calendar of their country."""

from datetime import time
from typing import Any

from django import forms
from django.db import models
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from journeys.contracts.outcomes import Advance, Outcome, Wait
from journeys.contracts.problem import Problem
from journeys.contracts.step import Attributes, Need, Step
from journeys.inspector.form import NodeForm
from journeys.models.business_days import countries, country_of, next_opening, regions
from journeys.models.node import Node

MOST = 60


class WaitBusinessDayNode(Node):
    """A new country or time zone re-times whoever waits."""

    kind = "wait_business_day"
    label = gettext_lazy("Wait for a business day")
    category = "time"
    icon = "briefcase"
    order = 35
    help = gettext_lazy("Holds each person until a day that is neither weekend nor holiday where they live.")

    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=20, blank=True)
    by_person = models.BooleanField(default=True)
    after = models.PositiveSmallIntegerField(default=0)
    at = models.TimeField(default=time(9))

    def needs(self) -> tuple[Need, ...]:
        return (Attributes(),)

    def listens_to(self) -> tuple[tuple[str, str], ...]:
        zone = ("attribute", "timezone")
        return (zone, ("attribute", "country")) if self.by_person else (zone,)

    @property
    def lets_time_pass(self) -> bool:
        return self.after > 0

    def run(self, step: Step) -> Outcome:
        own = country_of(step.fact(Attributes()).get("country")) if self.by_person else ""
        country = own or self.country
        region = self.region if country == self.country else ""
        due = next_opening(step.entered_at, self.after, self.at, step.timezone, country, region)
        return Advance(after=due) if step.now >= due else Wait(due, self.listens_to())

    def summary(self) -> str:
        words = {"at": time_format(self.at), "n": self.after, "country": countries().get(self.country, "")}
        if not self.after:
            text = _("Until a business day, from **%(at)s**") % words
        else:
            text = ngettext(
                "Until the next business day, at **%(at)s**",
                "Until **%(n)s business days** later, at **%(at)s**",
                self.after,
            )
            text %= words
        if self.by_person:
            return text + " " + _("where they live")
        return text + " " + (_("in **%(country)s**") % words if self.country else _("in …"))

    def problems(self) -> list[Problem]:
        if self.country:
            return []
        text = _("Choose a country: its holidays count for people whose own country is not known.")
        return [Problem(text if self.by_person else _("Choose the country whose holidays count."), self.key)]


def country_choices() -> list[tuple[str, Any]]:
    return [("", _("Choose …")), *countries().items()]


class Inspector(NodeForm):
    country = forms.ChoiceField(label=gettext_lazy("Holidays of"), choices=country_choices, required=False)

    class Meta:
        model = WaitBusinessDayNode
        fields = ["after", "at", "country", "region", "by_person"]
        labels = {
            "after": gettext_lazy("How many business days later"),
            "at": gettext_lazy("At"),
            "region": gettext_lazy("Region"),
            "by_person": gettext_lazy("Use their own country where it is known"),
        }
        help_texts = {
            "after": gettext_lazy("0: today, where it is a business day."),
            "region": gettext_lazy("Some have holidays of their own."),
        }
        widgets = {"at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = regions(str(self.data.get(self.add_prefix("country")) or self.instance.country))
        self.fields["region"].widget = forms.Select(choices=[("", _("The whole country")), *known.items()])
        if not known:
            self.leave_out(["region"])

    def shape(self) -> list[Any]:
        """Each country has regions of its own."""
        return [*super().shape(), self.instance.country]

    def clean_after(self) -> int:
        after: int = self.cleaned_data["after"]
        if after > MOST:
            raise forms.ValidationError(_("%(n)s at most.") % {"n": MOST})
        return after

    def clean_region(self) -> str:
        """A region goes with its country: where another is chosen, it is forgotten."""
        region: str = self.cleaned_data["region"].strip()
        country = self.cleaned_data.get("country") or ""
        known = regions(country)
        if region and region not in known:
            if region == self.instance.region and country != self.instance.country:
                return ""
            raise forms.ValidationError(_("One of these: %(codes)s.") % {"codes": ", ".join(known) or "–"})
        return region
