"""Lines of the timeline about what changed around a person: segments, attributes, joins with other profiles."""

import json
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from omnichannel.shared import slots
from omnichannel.shared.slots import Entry, Window
from profiles.forms.attribute import as_text
from profiles.models import Profile
from profiles.models.segment import reason_in_words
from profiles.queries import origins
from profiles.queries.event_words import flat
from profiles.queries.identity import word
from profiles.queries.timeline_rows import rows


def moves(profile_id: int, window: Window) -> list[Entry]:
    """Segments they came into and left, and why."""
    return [_move(*row) for row in rows("moves", profile_id, "v", window)]


def _move(pk: int, at: datetime, entered: bool, reason: str, segment: int, name: str) -> Entry:
    return Entry(
        at=at,
        key=slots.key("v", pk),
        icon="users-plus" if entered else "users-minus",
        title=_("Came into the segment") if entered else _("Left the segment"),
        strong=name or _("a deleted segment"),
        note=reason_in_words(reason, left=not entered),
        url=reverse("segment", args=[segment]) if name else "",
    )


def attributes(profile_id: int, window: Window) -> list[Entry]:
    """What became known of them, and from where."""
    found = rows("attributes", profile_id, "a", window)
    words = origins.in_words({row[5] for row in found})
    return [_attribute(pk, at, name, _loads(old), _loads(new), words[said]) for pk, at, name, old, new, said in found]


def _attribute(pk: int, at: datetime, name: str, old: Any, new: Any, source: str) -> Entry:
    title, strong, details = _("Changed:"), f"{name.replace('_', ' ').capitalize()}: {_short(new)}", []
    if not name:
        title, strong, details = _("Came with"), _("what was known then"), list(flat(new or {}))
    elif new is None:
        title, strong = _("Is no longer known:"), name.replace("_", " ").capitalize()
    elif old is None:
        title = _("Became known:")
    was = _("was %(value)s") % {"value": _short(old)} if old is not None else ""
    note = " · ".join(part for part in (was, source) if part)
    return Entry(at, slots.key("a", pk), "pencil", title, strong, note, details=details)


def joins(profile_id: int, window: Window) -> list[Entry]:
    """Other profiles that turned out to be the same person, and those taken apart again."""
    return [_join(*row) for row in rows("joins", profile_id, "g", window)]


def _join(
    number: int,
    at: datetime,
    undone: int,
    kind: str,
    value: str,
    survived: bool,
    loser: int,
    survivor: int,
    of_loser: Any,
    of_survivor: Any,
) -> Entry:
    other = Profile(pk=loser, attributes=_loads(of_loser)) if survived else Profile(pk=survivor)
    if not survived:
        other.attributes = _loads(of_survivor)
    return Entry(
        at=at,
        key=slots.key("g", number),
        icon="arrows-split" if undone else "git-merge",
        title=_("Was taken apart from") if undone else _("Was joined with"),
        strong=other.display_name,
        note="" if undone else _("by the same %(kind)s: %(value)s") % {"kind": word(kind).lower(), "value": value},
    )


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else as_text(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _loads(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
