"""One person on one page: who, how to reach them, what is known, what they agreed to, and one timeline."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.shared import slots, sql
from omnichannel.shared.slots import Entry
from profiles.models import Consent, Event, Identity, Membership, Profile
from profiles.queries.people import blocked

SQL = sql.load(Path(__file__).parent.parent / "sql" / "people.sql")

SHOWN: Final = 20  # lines of the timeline at a time
FILTERS: Final[Mapping[str, Promise]] = {
    "": gettext_lazy("Everything"),
    "did": gettext_lazy("What they did"),
    "pages": gettext_lazy("Pages and screens"),
    "messages": gettext_lazy("Messages"),
    "about": gettext_lazy("About them"),
}
KINDS: Final = {"did": ["track"], "pages": ["page", "screen"], "about": ["identify", "group", "alias"]}
ICONS: Final = {
    "track": "bolt",
    "page": "eye",
    "screen": "device-mobile",
    "identify": "user-check",
    "group": "users-group",
    "alias": "link",
}
MESSAGE_ICONS: Final = {
    "Message Delivered": "mail-check",
    "Message Opened": "mail-opened",
    "Message Clicked": "click",
    "Message Bounced": "mail-x",
    "Message Complained": "mood-sad",
    "Message Unsubscribed": "mail-off",
    "Message Replied": "message-reply",
}
MESSAGE_WORDS: Final = {
    "Message Delivered": gettext_lazy("Received"),
    "Message Opened": gettext_lazy("Opened"),
    "Message Clicked": gettext_lazy("Clicked a link in"),
    "Message Bounced": gettext_lazy("Could not be reached by"),
    "Message Complained": gettext_lazy("Complained about"),
    "Message Unsubscribed": gettext_lazy("Unsubscribed from"),
    "Message Replied": gettext_lazy("Replied to"),
}
IDENTITY_WORDS: Final = {
    "user_id": gettext_lazy("User id"),
    "anonymous_id": gettext_lazy("Visitor id"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "device_token": gettext_lazy("Device"),
    "chat_id": gettext_lazy("Chat"),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to reach somebody: the address, and whether it may be written to."""

    kind: str
    label: str
    icon: str
    address: str
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """Some lines, newest first; `before` is where earlier ones start, empty at the end."""

    entries: Sequence[Entry]
    before: str = ""


def resolve(pk: int) -> tuple[Profile | None, int | None]:
    """The profile, or, where it was merged, the id of who it is today."""
    profile = Profile.objects.filter(pk=pk).first()
    if profile is None:
        return None, None
    return profile, profile.merged_into_id


def reach(profile: Profile, identities: Sequence[Identity]) -> list[Reach]:
    """Addresses that are known, e-mail first."""
    never = {kind for kind, _address in blocked([profile])}
    found = [
        Reach(kind, label, icon, str(profile.attributes[kind]), kind in never)
        for kind, label, icon in (("email", _("E-mail"), "mail"), ("phone", _("Phone"), "device-mobile"))
        if profile.attributes.get(kind)
    ]
    others = {"device_token": (_("App"), "bell"), "chat_id": (_("Chat"), "message-circle")}
    found += [Reach(one.kind, *others[one.kind], one.value) for one in identities if one.kind in others]
    return found


def identities(profile: Profile) -> Sequence[Identity]:
    """What names this person, the oldest first."""
    return list(profile.identities.order_by("created_at", "pk"))


def memberships(profile: Profile) -> QuerySet[Membership]:
    """The segments this person is in, the latest first."""
    return Membership.objects.filter(profile=profile).select_related("segment").order_by("-since", "segment__name")


def consents(profile: Profile) -> QuerySet[Consent]:
    """What this person said yes or no to."""
    return Consent.objects.filter(profile=profile).select_related("topic").order_by("topic__name", "channel")


def orders(profile: Profile) -> tuple[int, Decimal]:
    """How many orders, and what they add up to."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["orders"], {"profile": profile.pk})
        count, total = cursor.fetchone()
    return count, total


def timeline(profile: Profile, kind: str = "", before: str = "") -> Timeline:
    """One page of everything that happened, or of one kind; other apps add theirs (slot "profile.timeline")."""
    moment, last = _behind(before)
    events = Event.objects.filter(profile=profile).order_by("-occurred_at", "-pk")
    if kind in KINDS:
        events = events.filter(kind__in=KINDS[kind])
    elif kind == "messages":
        events = events.filter(kind="message")
    if moment:
        events = events.filter(Q(occurred_at__lte=moment) & (Q(occurred_at__lt=moment) | Q(pk__lt=last)))
    lines = [entry(event) for event in events[: SHOWN + 1]]
    if kind in ("", "messages"):
        lines += slots.entries("profile.timeline", profile.pk, moment, SHOWN + 1)
    lines.sort(key=lambda line: (line.at, line.key), reverse=True)
    more = f"{lines[SHOWN - 1].at.isoformat()}~{_event_id(lines[SHOWN - 1].key)}" if len(lines) > SHOWN else ""
    return Timeline(lines[:SHOWN], more)


def entry(event: Event) -> Entry:
    """One event as a line."""
    title, strong = _in_words(event)
    return Entry(
        at=event.occurred_at,
        key=f"e{event.pk:020}",
        icon=MESSAGE_ICONS.get(event.name, "mail") if event.kind == "message" else ICONS.get(event.kind, "bolt"),
        title=title,
        strong=strong,
        note=_note(event),
        tone="message" if event.kind == "message" else "",
        details=_details(event),
    )


def _details(event: Event) -> list[tuple[str, str]]:
    """What the line shows when it is opened; of our own messages nothing but what people understand."""
    if event.kind == "message":
        words = {"journey_name": _("Journey"), "channel": _("Channel"), "url": _("Link"), "reason": _("Reason")}
        return [(word, str(event.properties[name])) for name, word in words.items() if event.properties.get(name)]
    return [*flat(event.properties), *flat(_background(event.context or {}))]


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Names with dots and values as text, for reading."""
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{prefix}{name}.")
        elif value is not None and value != {}:
            yield f"{prefix}{name}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _in_words(event: Event) -> tuple[str, str]:
    told = event.properties
    match event.kind:
        case "message":
            words = MESSAGE_WORDS.get(event.name)
            name = str(told.get("template_name") or told.get("channel") or _("a message"))
            return (str(words), name) if words else (event.name, name)
        case "page" | "screen":
            where = told.get("name") or told.get("title") or told.get("path") or told.get("url") or ""
            return _("Looked at"), str(where)
        case "identify":
            return _("Told us about themselves"), ""
        case "group":
            return _("Joined the group"), str((told.get("traits") or {}).get("name") or told.get("group_id", ""))
        case "alias":
            return _("Became known as"), str(told.get("user_id", ""))
    return "", event.name


def _note(event: Event) -> str:
    """The first few values, so that most lines need not be opened."""
    if event.kind == "message":
        parts = [str(event.properties.get(name, "")) for name in ("journey_name", "url")]
    elif event.kind in ("page", "screen"):
        parts = [str(event.properties.get("url") or event.properties.get("path") or "")]
    else:
        plain = ((k, v) for k, v in event.properties.items() if isinstance(v, (str, int, float)) and len(str(v)) <= 40)
        parts = [f"{name} {_short(value)}" for name, value in plain if name != "url"][:3]
    return " · ".join(part for part in parts if part)


def _short(value: str | float) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1_000_000 else str(value)


def _background(context: Mapping[str, Any]) -> dict[str, Any]:
    """What of an event's context is worth reading."""
    kept = {name: context.get(name) for name in ("ip", "userAgent", "locale", "timezone", "campaign", "library")}
    return {f"context {name}": value for name, value in kept.items() if value}


def _behind(before: str) -> tuple[datetime | None, int]:
    moment, _sign, last = before.partition("~")
    try:
        return datetime.fromisoformat(moment), int(last)
    except ValueError:
        return None, 0


def _event_id(key: str) -> int:
    """The event behind a line; lines of others stand before all events of the same moment."""
    return int(key[1:]) if key.startswith("e") else 1 << 62
