"""The attributes of a person as rows: the name, what is shown, how it is edited, where it came from, what it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from profiles.forms.attribute import as_text, type_of
from profiles.ingest.decode import KINDS
from profiles.models import Profile
from profiles.queries import origins
from profiles.queries.attribute_history import Line, history
from profiles.queries.event_words import flat

CHANGES: Final = 300  # the latest of a person that are looked at
EACH: Final = 5  # earlier values of one attribute


@dataclass(frozen=True, slots=True)
class Was:
    """An earlier value, until when, and where the one after it came from."""

    words: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """`inside` are the parts of a nested value, which is not edited; `type` is empty for those. `by_hand`: the value
    does not come from what the person did, which is worth telling without being asked.
    """

    name: str
    text: str
    type: str
    inside: Sequence[tuple[str, str]]
    since: datetime | None
    source: str
    by_hand: bool
    history: Sequence[Was]


def context(profile: Profile) -> dict[str, Any]:
    """What the card of attributes shows, by name."""
    changes: dict[str, list[Line]] = {}
    for line in history(profile, limit=CHANGES):
        changes.setdefault(line.name, []).append(line)
    words = origins.in_words({line.source for lines in changes.values() for line in lines})
    rows = [_row(name, value, changes.get(name, []), words) for name, value in sorted(profile.attributes.items())]
    return {"attributes": rows}


def _row(name: str, value: Any, lines: Sequence[Line], words: Mapping[str, str]) -> AttributeRow:
    return AttributeRow(
        name=name,
        text=as_text(value),
        type=type_of(value),
        inside=tuple(flat(value)) if isinstance(value, dict) else (),
        since=lines[0].at if lines else None,
        source=words[lines[0].source] if lines else "",
        by_hand=bool(lines) and lines[0].source not in KINDS,
        history=[
            Was(_("was %(value)s until") % {"value": as_text(line.old)}, line.at, words[line.source])
            for line in lines[:EACH]
            if line.old is not None
        ],
    )
