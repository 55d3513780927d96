"""Who may come in again, and how often: the rules of a version, read once, the same for engine and reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from journeys.models import Version
from profiles.segments.values import at_path, number

LONGEST_KEY: Final = 200


@dataclass(frozen=True, slots=True)
class Rules:
    """`key`: the property that tells runs of one person apart (two orders, two runs beside each other)."""

    reentry: str
    key: str = ""
    person: int | None = None  # at most so many entries of one person
    within: timedelta | None = None  # … in so long; None: ever
    total: int | None = None  # at most so many entries of everybody together

    @property
    def keyed(self) -> bool:
        """Whether only runs with the same key stand in each other's way."""
        return bool(self.key) or self.reentry == Version.Reentry.ALWAYS

    @property
    def ever(self) -> bool:
        """Whether runs that are over stand in the way too. With "every time" the same start never counts twice."""
        return self.reentry != Version.Reentry.AFTER_END

    def entry_key(self, properties: Mapping[str, Any], token: str) -> str:
        """What tells this run from others of the same person; `token` names the start itself."""
        if self.reentry == Version.Reentry.ALWAYS:
            return token
        return as_key(at_path(properties, self.key)) if self.key else ""

    def since(self, now: datetime) -> datetime | None:
        """Entries from here on count against the limit per person; None: all do."""
        return now - self.within if self.within else None


def rules(version: Version) -> Rules:
    """The rules of a version."""
    hours = version.entry_limit_hours
    return Rules(
        reentry=version.reentry,
        key=version.entry_key,
        person=version.entry_limit,
        within=timedelta(hours=hours) if hours else None,
        total=version.entry_total,
    )


def as_key(value: Any) -> str:
    """A property's value as text: 17, "17" and 17.0 are one order; yes and no, lists and objects are no key."""
    if (exact := number(value)) is not None:
        text = format(exact, "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = value if isinstance(value, str) else ""
    return text if len(text) <= LONGEST_KEY else blake2b(text.encode(), digest_size=20).hexdigest()
