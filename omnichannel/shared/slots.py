"""Places on a page that other apps may fill, so that people's pages show journeys without knowing that they exist.

A fragment is an address that htmx loads into the place; a source gives lines for one shared timeline. Apps register
in `ready()`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_fragments: dict[str, list[str]] = {}
_sources: dict[str, list["Source"]] = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline. `title` is plain text; `strong` stands out in it, after the title."""

    at: datetime
    key: str  # unique on the page; sorts entries of one moment
    icon: str
    title: str
    strong: str = ""
    note: str = ""
    tone: str = ""  # the category of a kind of step, for its colour
    url: str = ""
    details: Sequence[tuple[str, Any]] = field(default=())


# (id of the thing, only lines before this moment, at most so many) → lines, newest first
Source = Callable[[int, datetime | None, int], Sequence[Entry]]


def register(slot: str, url_name: str) -> None:
    """Load the page `url_name` (its one argument is the thing's id) into the slot. Twice is once."""
    names = _fragments.setdefault(slot, [])
    if url_name not in names:
        names.append(url_name)


def fragments(slot: str) -> Sequence[str]:
    """The addresses by name that fill the slot, in the order they came."""
    return tuple(_fragments.get(slot, ()))


def register_source(slot: str, source: Source) -> None:
    """Let `source` bring lines to the timeline of that name. Twice is once."""
    sources = _sources.setdefault(slot, [])
    if source not in sources:
        sources.append(source)


def entries(slot: str, thing: int, before: datetime | None, limit: int) -> list[Entry]:
    """Lines of all sources, newest first."""
    found = [entry for source in _sources.get(slot, ()) for entry in source(thing, before, limit)]
    return sorted(found, key=lambda entry: (entry.at, entry.key), reverse=True)[:limit]
