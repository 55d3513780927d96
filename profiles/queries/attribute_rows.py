"""The attributes of a person as rows: the name, what is shown, how it is edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from profiles.forms.attribute import as_text, type_of
from profiles.models import Profile
from profiles.queries.event_words import flat


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """`inside` are the parts of a nested value, which is not edited; `type` is empty for those."""

    name: str
    text: str
    type: str
    inside: Sequence[tuple[str, str]] = ()


def context(profile: Profile) -> dict[str, Any]:
    """What the card of attributes shows, by name."""
    rows = [
        AttributeRow(name, as_text(value), type_of(value), tuple(flat(value)) if isinstance(value, dict) else ())
        for name, value in sorted(profile.attributes.items())
    ]
    return {"attributes": rows}
