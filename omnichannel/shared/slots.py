"""Places on a page that other apps may fill, so that people's pages show journeys without knowing that they exist.

A fragment is an address that htmx loads into the place; a source gives lines for one shared timeline. Apps register
in `ready()`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.functional import Promise

from omnichannel.shared.sql import escaped

Label = str | Promise

_fragments: dict[str, list[str]] = {}
_sources: dict[str, list["_Registered"]] = {}
_labels: dict[str, dict[str, Label]] = {}

LAST: Final = 1 << 62  # stands behind every row's number


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline. `title` is plain text; `strong` stands out in it, after the title.

    `key` is a letter that only one source has, and the row's number in 20 digits: it sorts entries of one moment.
    `opens` is the address of a fragment that is loaded into the line when it is opened.
    """

    at: datetime
    key: str
    icon: str
    title: str
    strong: str = ""
    note: str = ""
    tone: str = ""  # the category of a kind of step, for its colour
    url: str = ""
    opens: str = ""
    details: Sequence[tuple[str, Any]] = field(default=())


@dataclass(frozen=True, slots=True)
class Window:
    """Which lines are asked for: the newest `limit`, of one kind (empty: all), behind a line, with a text in them."""

    limit: int
    kind: str = ""
    at: datetime | None = None
    key: str = ""
    text: str = ""

    def bound(self, letter: str) -> dict[str, Any]:
        """For `(at, id) < (%(at)s::timestamptz, %(id)s)` in the statement of the source that has this letter."""
        mine = letter == self.key[:1]
        place = int(self.key[1:]) if mine else LAST if letter < self.key[:1] else 0
        return {
            "at": self.at.isoformat() if self.at else "infinity",
            "id": place,
            "limit": self.limit,
            "text": f"%{escaped(self.text)}%" if self.text else "",
        }


def key(letter: str, number: int) -> str:
    """The key of a line."""
    return f"{letter}{number:020}"


# (id of the thing, which lines) → lines, newest first
Source = Callable[[int, Window], Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class _Registered:
    source: Source
    kinds: frozenset[str]


def register(slot: str, url_name: str) -> None:
    """Load the page `url_name` (its one argument is the thing's id) into the slot. Twice is once."""
    names = _fragments.setdefault(slot, [])
    if url_name not in names:
        names.append(url_name)


def fragments(slot: str) -> Sequence[str]:
    """The addresses by name that fill the slot, in the order they came."""
    return tuple(_fragments.get(slot, ()))


def register_source(slot: str, source: Source, kinds: Mapping[str, Label]) -> None:
    """Let `source` bring lines of these kinds ({kind: what the filter is called}) to the timeline. Twice is once."""
    sources = _sources.setdefault(slot, [])
    if all(one.source is not source for one in sources):
        sources.append(_Registered(source, frozenset(kinds)))
    _labels.setdefault(slot, {}).update(kinds)


def kinds(slot: str) -> Mapping[str, Label]:
    """What the timeline can be filtered by, in the order it came."""
    return dict(_labels.get(slot, {}))


def entries(slot: str, thing: int, window: Window) -> list[Entry]:
    """Lines of all sources that have such, newest first."""
    asked = [one.source for one in _sources.get(slot, ()) if not window.kind or window.kind in one.kinds]
    found = [entry for source in asked for entry in source(thing, window)]
    return sorted(found, key=lambda entry: (entry.at, entry.key), reverse=True)[: window.limit]
