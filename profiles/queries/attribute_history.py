"""What the attributes of somebody were, since when, and who said so."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from profiles.models import AttributeChange, Profile


@dataclass(frozen=True, slots=True)
class Line:
    """An attribute had another value from then on. None: it was not there."""

    name: str
    old: Any
    new: Any
    source: str
    at: datetime


def history(profile: Profile, name: str = "", limit: int = 100) -> list[Line]:
    """The latest changes of one attribute, or of all; what somebody came with is told attribute by attribute."""
    rows = AttributeChange.objects.filter(profile=profile).order_by("-pk")
    if name:
        rows = rows.filter(Q(name=name) | Q(name="", new__has_key=name))
    lines = [line for row in rows[:limit] for line in _lines(row) if not name or line.name == name]
    return lines[:limit]


def latest(profile: Profile) -> dict[str, Line]:
    """The last change of each attribute that there is now."""
    found: dict[str, Line] = {}
    for row in AttributeChange.objects.filter(profile=profile).order_by("-pk").iterator():
        for line in _lines(row):
            if line.name in profile.attributes:
                found.setdefault(line.name, line)
    return found


def _lines(row: AttributeChange) -> Iterator[Line]:
    if row.name:
        yield Line(row.name, row.old, row.new, row.source, row.at)
        return
    for name, value in sorted((row.new or {}).items()):
        yield Line(name, None, value, row.source, row.at)
