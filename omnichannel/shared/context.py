"""What the frame of every page needs: where one can go, where one is, how far the clock has been moved."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.shared import clock


@dataclass(frozen=True)
class Place:
    """One line of the left rail."""

    url: str
    label: str
    icon: str
    active: bool


MAIN = (
    ("home", gettext_lazy("Home"), "layout-dashboard"),
    ("journeys", gettext_lazy("Journeys"), "route"),
    ("segments", gettext_lazy("Segments"), "users-group"),
    ("people", gettext_lazy("People"), "users"),
    ("tasks", gettext_lazy("Tasks"), "clipboard-check"),
    ("templates", gettext_lazy("Content"), "mail"),
    ("reports", gettext_lazy("Reports"), "chart-funnel"),
)
SET_UP = (
    ("channels", gettext_lazy("Channels"), "plug-connected"),
    ("sources", gettext_lazy("Sources"), "database-import"),
    ("consent", gettext_lazy("Consent"), "shield-check"),
    ("settings", gettext_lazy("Settings"), "settings"),
)
THEMES = (("auto", gettext_lazy("Auto")), ("light", gettext_lazy("Light")), ("dark", gettext_lazy("Dark")))
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
SANDBOX = (("mailbox", gettext_lazy("Mailbox"), "mailbox"),)


@cache
def _url(name: str) -> str | None:
    """Where a name leads; None for pages that this installation does not have."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


def places(entries: tuple[tuple[str, Any, str], ...], path: str) -> list[Place]:
    """The lines of the rail that lead somewhere, with the one we are at marked."""
    found = []
    for name, label, icon in entries:
        url = _url(name)
        if url is not None:
            active = path == url if url == "/" else path.startswith(url)
            found.append(Place(url, str(label), icon, active))
    return found


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    groups = [{"title": "", "places": places(MAIN, request.path)}]
    groups.append({"title": _("Set up"), "places": places(SET_UP, request.path)})
    if settings.SANDBOX:
        groups.append({"title": _("Sandbox"), "places": places(SANDBOX, request.path)})
    return [group for group in groups if group["places"]]


def shell(request: HttpRequest) -> dict[str, Any]:
    """`nav`, `clock_offset` (zero unless the sandbox's time machine has moved), `sandbox`, `search_url`."""
    offset = clock.offset()
    return {
        "nav": SimpleLazyObject(lambda: _nav(request)),
        "clock_offset": offset,
        "clock_ahead": timesince(EPOCH, EPOCH + offset) if offset else "",
        "theme_choices": THEMES,
        "sandbox": settings.SANDBOX,
        "search_url": _url("search"),
    }
