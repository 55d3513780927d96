"""Who changed what a segment asks, and when, from the log of changes."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from auditlog.models import LogEntry
from django.utils.translation import gettext as _

from profiles.models import Segment
from profiles.segments.ast import ConditionError, parse
from profiles.segments.describe import in_words

SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Version:
    """One change: what was asked before and after, where that changed; else what did."""

    at: datetime
    who: str
    what: str
    before: str = ""
    after: str = ""


def versions(segment: Segment) -> list[Version]:
    """The latest first."""
    log = LogEntry.objects.get_for_object(segment).select_related("actor").order_by("-timestamp", "-id")
    return list(_versions(log[:SHOWN]))


def _versions(log: Any) -> Iterator[Version]:
    for row in log:
        who = str(row.actor) if row.actor else _("The system")
        changes = row.changes or {}
        if row.action == LogEntry.Action.CREATE:
            yield Version(row.timestamp, who, _("made the segment"), after=_words(changes, 1))
        elif "condition" in changes:
            before, after = _words(changes, 0), _words(changes, 1)
            yield Version(row.timestamp, who, _("changed the conditions"), before, after)
        elif "name" in changes:
            yield Version(row.timestamp, who, _("changed the name"), *changes["name"])
        elif "description" in changes:
            yield Version(row.timestamp, who, _("changed the note"), *changes["description"])


def _words(changes: dict[str, Any], side: int) -> str:
    """A condition of then in the words of today; empty where it cannot be understood any more."""
    try:
        return _("People who %s") % in_words(parse(json.loads(changes["condition"][side])))
    except (ConditionError, KeyError, TypeError, ValueError):
        return ""
