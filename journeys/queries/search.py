"""What the search palette finds: pages, journeys, segments, content, people."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from journeys.models import Journey, Template
from omnichannel.shared.context import MAIN, SANDBOX, SET_UP, places
from profiles.models import Profile, Segment
from profiles.queries.people import search as people_ids

EACH = 6


@dataclass(frozen=True)
class Hit:
    """One line of the palette."""

    url: str
    label: str
    icon: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Hits of one kind."""

    title: str
    hits: list[Hit]


def search(text: str, *, admin: bool) -> list[Group]:
    """Everything that matches, best kinds first; pages only while nothing is typed."""
    groups = [Group(_("Pages"), pages(text, admin=admin))]
    if text:
        groups += [
            Group(_("Journeys"), _named(Journey.objects.exclude(state="archived"), text, "journey", "route")),
            Group(_("Segments"), _named(Segment.objects.all(), text, "segment", "users-group")),
            Group(_("Content"), _named(Template.objects.all(), text, "template", "mail")),
            Group(_("People"), people(text)),
        ]
    return [group for group in groups if group.hits]


def pages(text: str, *, admin: bool) -> list[Hit]:
    """Pages of the rail and of the settings whose name holds the text."""
    more = (("team", _("Team"), "users-plus"), ("api_keys", _("Keys"), "key"), ("own_profile", _("You"), "user-circle"))
    history = (("audit", _("History of changes"), "history"),) if admin else ()
    found = places((*MAIN, *SET_UP, *SANDBOX, *more, *history), path="")
    return [Hit(place.url, place.label, place.icon) for place in found if text.lower() in place.label.lower()]


def _named(rows: "QuerySet[Any]", text: str, url_name: str, icon: str) -> list[Hit]:
    found = rows.filter(name__icontains=text).order_by("name")[:EACH]
    return [Hit(url, row.name, icon, _state(row)) for row in found if (url := _address(url_name, row.pk))]


def _state(row: Any) -> str:
    return str(row.get_state_display()) if hasattr(row, "get_state_display") else ""


def _address(url_name: str, pk: int) -> str:
    try:
        return reverse(url_name, args=[pk])
    except NoReverseMatch:
        return ""


def people(text: str) -> list[Hit]:
    """People by name, e-mail, phone or an id of theirs."""
    ids = people_ids(text, limit=EACH)
    rows = Profile.objects.in_bulk(ids)
    return [
        Hit(url, rows[pk].display_name, "user", str(rows[pk].attributes.get("email", "")))
        for pk in ids
        if (url := _address("person", pk))
    ]
