"""What the bar over every page of a journey shows."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from journeys.models import Journey

TONES = {
    Journey.State.DRAFT: "grey",
    Journey.State.LIVE: "green",
    Journey.State.PAUSED: "yellow",
    Journey.State.ARCHIVED: "grey",
}


def bar(request: HttpRequest, journey: Journey, active: str) -> dict[str, Any]:
    """Context for `journeys/base_journey.html`."""
    tabs = [
        ("journey", _("Design")),
        *([("journey_report", _("Report"))] if journey.live_id else []),
        ("journey_test", _("Test")),
        ("journey_people", _("People")),
        ("journey_versions", _("Versions")),
        ("journey_settings", _("Settings")),
    ]
    return {
        "journey": journey,
        "tabs": [
            {"label": label, "url": reverse(name, args=[journey.pk]), "active": name == active} for name, label in tabs
        ],
        "may_write": request.user.may("marketer") and journey.state != Journey.State.ARCHIVED,  # type: ignore[union-attr]
        "badge_text": state_in_words(journey),
        "badge_tone": TONES[Journey.State(journey.state)],
    }


def state_in_words(journey: Journey) -> str:
    """ "Version 3 live", "Paused" …"""
    if journey.state == Journey.State.LIVE and journey.live:
        return _("Version %(n)s live") % {"n": journey.live.number}
    return str(Journey.State(journey.state).label)
