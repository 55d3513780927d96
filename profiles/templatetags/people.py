"""Tags of the people pages."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from omnichannel.shared import icons
from profiles.forms.attribute import as_text
from profiles.ingest.guard import address_of
from profiles.models import Profile
from profiles.segments.values import at_path

register = template.Library()


@register.simple_tag
def reach_icons(person: Profile, blocked: set[tuple[str, str]]) -> SafeString:
    """A sign for each way to reach somebody, with the word for it; those that are blocked say so."""
    ways: list[tuple[str, str]] = []
    for kind, word, icon in (("email", _("E-mail"), "mail"), ("phone", _("Phone"), "device-mobile")):
        value = person.attributes.get(kind)
        if value and address_of(kind, value) in blocked:
            ways.append((_("%s (blocked)") % word, "mail-off" if kind == "email" else "device-mobile-off"))
        elif value:
            ways.append((word, icon))
    if not ways:
        return format_html('<span class="text-secondary">{}</span>', _("no way yet"))
    return format_html_join(
        "",
        '<span class="reach-icon" title="{}">{}</span>',
        ((word, icons.markup(icon, "", word)) for word, icon in ways),
    )


@register.filter
def as_words(name: str) -> str:
    """first_name → "First name"."""
    return name.replace("_", " ").capitalize()


@register.simple_tag
def place(person: Profile) -> str:
    """Where somebody is, as far as it is known: "Berlin, DE"."""
    told: dict[str, Any] = person.attributes
    address = told.get("address")
    inside = address if isinstance(address, dict) else {}
    parts = [told.get("city") or inside.get("city"), told.get("country") or inside.get("country")]
    return ", ".join(str(part) for part in parts if part)


@register.simple_tag
def attribute(person: Profile, name: str) -> str:
    """One attribute for a cell; a dash where it is not known."""
    value = at_path(person.attributes, name)
    return "–" if value in (None, "") else as_text(value)
