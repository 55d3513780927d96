"""One timeline of everything about a person: what the profile store knows, and what other apps hang in.

Each source gives the newest lines behind a place; the page merges them, so it costs the same at the first line and at
the ten-thousandth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.shared import slots
from omnichannel.shared.slots import Entry, Window
from profiles.models import Profile
from profiles.queries import event_words, origins, timeline_changes
from profiles.queries.timeline_rows import rows

SLOT: Final = "profile.timeline"
SHOWN: Final = 20  # lines at a time
EVENT_KINDS: Final[Mapping[str, Sequence[str]]] = {
    "did": ["track"],
    "pages": ["page", "screen"],
    "messages": ["message"],
    "changes": ["identify", "group", "alias"],
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Some lines, newest first; `before` is where earlier ones start, empty at the end."""

    entries: Sequence[Entry]
    before: str = ""


def timeline(
    profile: Profile, kind: str = "", before: str = "", text: str = "", until: datetime | None = None
) -> Timeline:
    """One page: of everything or of one kind, with a text in it, up to a moment, behind the page that said `before`."""
    at, key = _place(before)
    lines = slots.entries(SLOT, profile.pk, Window(SHOWN + 1, kind, at or until, key, text))
    last = lines[SHOWN - 1] if len(lines) > SHOWN else None
    return Timeline(lines[:SHOWN], f"{last.at.isoformat()}~{last.key}" if last else "")


def register() -> None:
    """The profile store's own lines."""
    kinds = {
        "did": gettext_lazy("What they did"),
        "pages": gettext_lazy("Pages and screens"),
        "messages": gettext_lazy("Messages"),
    }
    changes = {"changes": gettext_lazy("Changes")}
    slots.register_source(SLOT, events, {**kinds, **changes})
    slots.register_source(SLOT, consents, changes)
    slots.register_source(SLOT, timeline_changes.attributes, changes)
    slots.register_source(SLOT, timeline_changes.joins, changes)
    segments = {"segments": gettext_lazy("Segments")}
    slots.register_source(SLOT, timeline_changes.moves, segments)
    slots.register_source(SLOT, lists, segments)
    slots.register_source(SLOT, notes, {"notes": gettext_lazy("Notes")})


def events(profile_id: int, window: Window) -> list[Entry]:
    """What they did and what became of messages."""
    kinds = EVENT_KINDS.get(window.kind)
    found = rows("events", profile_id, "e", window, kinds=kinds)
    return [_event(*row) for row in found]


def _event(pk: int, kind: str, name: str, properties: str, context: str | None, at: datetime) -> Entry:
    told, around = event_words.loads(properties), event_words.loads(context)
    title, strong = event_words.sentence(kind, name, told)
    return Entry(
        at=at,
        key=slots.key("e", pk),
        icon=event_words.icon(kind, name),
        title=title,
        strong=strong,
        note=event_words.note(kind, told),
        tone="message" if kind == "message" else "",
        details=event_words.details(kind, told, around),
    )


def consents(profile_id: int, window: Window) -> list[Entry]:
    """Every yes and no."""
    found = rows("consents", profile_id, "c", window)
    words = origins.in_words({row[4] for row in found})
    return [
        Entry(
            at=at,
            key=slots.key("c", pk),
            icon="circle-check" if subscribed else "circle-x",
            title=_("Said yes to") if subscribed else _("Said no to"),
            strong=topic,
            note=" · ".join(part for part in (channel, words[source]) if part),
        )
        for pk, at, subscribed, channel, source, topic in found
    ]


def lists(profile_id: int, window: Window) -> list[Entry]:
    """Lists they were put on."""
    found = rows("lists", profile_id, "l", window)
    words = origins.in_words({row[2] for row in found})
    return [
        Entry(
            at=at,
            key=slots.key("l", pk),
            icon="list-check",
            title=_("Was put on the list"),
            strong=name,
            note=words[source],
            url=reverse("people_list", args=[list_id]),
        )
        for pk, at, source, list_id, name in found
    ]


def notes(profile_id: int, window: Window) -> list[Entry]:
    """What marketers wrote down; a long one is read when the line is opened."""
    found = rows("notes", profile_id, "n", window)
    return [
        Entry(
            at=at,
            key=slots.key("n", pk),
            icon="note",
            title=_("Note by %(who)s") % {"who": who} if who else _("Note"),
            note=text if len(text) <= 140 else f"{text[:139]}…",
            details=((_("Note"), text),) if len(text) > 140 else (),
        )
        for pk, at, text, who in found
    ]


def _place(before: str) -> tuple[datetime | None, str]:
    """Where a page goes on; from the start, where it cannot be understood."""
    moment, _sign, key = before.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None, ""
    good = at.tzinfo is not None and len(key) == 21 and key[0].isalpha() and key[1:].isdecimal() and key.isascii()
    return (at, key) if good else (None, "")
