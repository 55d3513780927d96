"""How conditions about messages and journeys are told in the editor, and what can be picked in them by name."""

from typing import Any

from django.utils.translation import gettext as _

from journeys import registry
from journeys.conditions import message
from journeys.models import Journey, Template
from profiles.queries.sentences import sources
from profiles.queries.sentences.tokens import (
    NEVER,
    Sentence,
    choice,
    counted,
    option,
    pick,
    register,
    start,
    subject,
    times,
    window,
)


def messages() -> Sentence:
    """Message: opened at least 1 time “Welcome”, of any journey, by e-mail, in the last 30 days."""
    raw: dict[str, Any] = {
        "type": "message",
        "what": "opened",
        "did": True,
        "template": None,
        "journey": None,
        "channel": None,
        "count": {"op": "at_least", "n": 1},
        "within": {"amount": 30, "unit": "days"},
    }
    icons = {"sent": "send", "opened": "mail-opened", "clicked": "hand-click", "not_opened": "mail-off"}
    icons |= {"human_opened": "mail-opened", "human_clicked": "hand-click", "replied": "message-reply"}
    starts = [
        start(_("%s a message") % label, icons.get(what, "mail"), _("Messages"), raw | {"what": what})
        for what, label in message.LABELS.items()
    ]
    return Sentence(
        "message",
        starts,
        [
            subject("mail", text=_("Message")),
            choice(_("What happened"), [option(str(label), {"what": what}) for what, label in message.LABELS.items()]),
            choice(_("How often"), times()),
            counted({"unless": NEVER}),
            pick(_("Template"), "template", "templates", "", none=_("any message")),
            pick(_("Journey"), "journey", "journeys", "", none=_("of any journey")),
            pick(_("Channel"), "channel", "channels", "", none=_("on any channel")),
            window(),
        ],
        "did",
    )


def journeys() -> Sentence:
    """Journey: went through “Welcome” in the last 30 days."""
    states = {
        "inside": _("are in"),
        "passed": _("went through"),
        "converted": _("reached the goal of"),
        "never": _("were never in"),
    }
    raw = {"type": "journey", "journey": None, "state": "inside", "within": None}
    return Sentence(
        "journey",
        [start("", "route", _("Journeys"), raw, source="journeys", into="journey")],
        [
            subject("route", text=_("Journey")),
            choice(
                _("Where they stand"),
                [
                    option(label, {"state": state}, drop=["within"] if state == "never" else [])
                    for state, label in states.items()
                ],
            ),
            pick(_("Journey"), "journey", "journeys", _("Choose a journey.")),
            window() | {"when": {"unless": {"state": "never"}}},
        ],
    )


def _templates() -> sources.Choices:
    labels = {kind: str(channel.label) for kind, channel in registry.channels().items()}
    found = Template.objects.order_by("name").values_list("id", "name", "channel")
    return [{"value": ident, "label": name, "detail": labels.get(channel, channel)} for ident, name, channel in found]


def _journeys() -> sources.Choices:
    found = Journey.objects.order_by("name").values_list("id", "name")
    return [{"value": ident, "label": name} for ident, name in found]


def _channels() -> sources.Choices:
    return [{"value": kind, "label": str(channel.label)} for kind, channel in registry.channels().items()]


def register_all() -> None:
    """Sentences and sources."""
    register("message", messages)
    register("journey", journeys)
    sources.register("templates", _templates)
    sources.register("journeys", _journeys)
    sources.register("channels", _channels)
