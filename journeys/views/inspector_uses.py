"""Ways from a step to what it names (its message, segment, list), and to where the first one can be made."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model
from django.forms import BaseForm, HiddenInput, ModelChoiceField
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.models import Journey, Template
from profiles.models import PeopleList, Segment


@dataclass(frozen=True, slots=True)
class Place:
    """Addresses of one and of all of them, and what to say where there is none."""

    one: str
    every: str
    icon: str
    none: Promise


PLACES: Final[dict[type[Model], Place]] = {
    Template: Place("template", "templates", "mail", gettext_lazy("There is no message yet. Write one under Content.")),
    Segment: Place("segment", "segments", "users-group", gettext_lazy("There is no segment yet. Make one first.")),
    PeopleList: Place("people_list", "people_lists", "list", gettext_lazy("There is no list yet. Make one first.")),
    Journey: Place("journey", "journeys", "route", gettext_lazy("There is no other journey yet. Draw it first.")),
}


@dataclass(frozen=True, slots=True)
class Use:
    """One link."""

    url: str
    icon: str
    text: str


def uses(form: BaseForm) -> list[Use]:
    """What the step has chosen; where there is nothing to choose from, the place to make it."""
    found = []
    for bound in form:
        field: Any = bound.field
        model = field.queryset.model if isinstance(field, ModelChoiceField) and field.queryset is not None else None
        place = PLACES.get(model) if model is not None and not isinstance(field.widget, HiddenInput) else None
        if place is None:
            continue
        chosen = getattr(form.instance, bound.name)  # type: ignore[attr-defined]
        if chosen is not None:
            text = _("Open “%(name)s”") % {"name": chosen.name}
            found.append(Use(reverse(place.one, args=[chosen.pk]), place.icon, text))
        elif not field.queryset.exists():
            found.append(Use(reverse(place.every), place.icon, str(place.none)))
    return found
