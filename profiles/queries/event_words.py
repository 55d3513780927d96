"""Events as people read them: an icon, a sentence, the first few values, and the rest for who opens the line."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ICONS: Final = {
    "track": "bolt",
    "page": "eye",
    "screen": "device-mobile",
    "identify": "user-check",
    "group": "users-group",
    "alias": "link",
    "journey": "route",
}
MESSAGES: Final[Mapping[str, tuple[str, str | Promise]]] = {
    "Message Delivered": ("mail-check", gettext_lazy("Received")),
    "Message Opened": ("mail-opened", gettext_lazy("Opened")),
    "Message Clicked": ("click", gettext_lazy("Clicked a link in")),
    "Message Bounced": ("mail-x", gettext_lazy("Could not be reached by")),
    "Message Complained": ("mood-sad", gettext_lazy("Complained about")),
    "Message Unsubscribed": ("mail-off", gettext_lazy("Unsubscribed from")),
    "Message Replied": ("message-reply", gettext_lazy("Replied to")),
}


def loads(text: Any) -> dict[str, Any]:
    """Raw cursors give JSON as text."""
    loaded = json.loads(text) if isinstance(text, str) else text
    return loaded if isinstance(loaded, dict) else {}


def icon(kind: str, name: str) -> str:
    """A picture for the event."""
    return MESSAGES.get(name, ("mail", ""))[0] if kind == "message" else ICONS.get(kind, "bolt")


def sentence(kind: str, name: str, told: Mapping[str, Any]) -> tuple[str, str]:
    """Plain words, and what stands out after them."""
    match kind:
        case "message":
            words = MESSAGES.get(name)
            about = str(told.get("template_name") or told.get("channel") or _("a message"))
            return (str(words[1]), about) if words else (name, about)
        case "page" | "screen":
            where = told.get("name") or told.get("title") or told.get("path") or told.get("url") or ""
            return _("Looked at"), str(where)
        case "identify":
            return _("Told us about themselves"), ""
        case "group":
            traits = told.get("traits")
            named = traits.get("name") if isinstance(traits, dict) else None
            return _("Joined the group"), str(named or told.get("group_id", ""))
        case "alias":
            return _("Became known as"), str(told.get("user_id", ""))
    return "", name


def note(kind: str, told: Mapping[str, Any]) -> str:
    """The first few values, so that most lines need not be opened."""
    if kind == "message":
        parts = [_("by a machine") if told.get("machine") else ""]
        parts += [str(told.get(name, "")) for name in ("journey_name", "url")]
    elif kind in ("page", "screen"):
        parts = [str(told.get("url") or told.get("path") or "")]
    else:
        plain = ((k, v) for k, v in told.items() if isinstance(v, (str, int, float)) and len(str(v)) <= 40)
        parts = [f"{name} {_short(value)}" for name, value in plain if name != "url"][:3]
    return " · ".join(part for part in parts if part)


def details(kind: str, told: Mapping[str, Any], around: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the line shows when it is opened; of our own messages nothing but what people understand."""
    if kind == "message":
        words = {"journey_name": _("Journey"), "channel": _("Channel"), "url": _("Link"), "reason": _("Reason")}
        return [(word, str(told[name])) for name, word in words.items() if told.get(name)]
    return [*flat(told), *flat(_background(around))]


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Names with dots and values as text, for reading."""
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{prefix}{name}.")
        elif value is not None and value != {}:
            yield f"{prefix}{name}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(value: str | float) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1_000_000 else str(value)


def _background(context: Mapping[str, Any]) -> dict[str, Any]:
    """What of an event's context is worth reading."""
    kept = {name: context.get(name) for name in ("ip", "userAgent", "locale", "timezone", "campaign", "library")}
    return {f"context {name}": value for name, value in kept.items() if value}
