"""A stable random share of everybody, such as for a test: who is in stays in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import Any, ClassVar, Final, Self

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from profiles.segments.fragment import sql
from profiles.segments.kind import Kind, People, register
from profiles.segments.reading import ConditionError, at, only, plain_number, text
from profiles.segments.sets import Answer, Test

PLACES: Final = 10_000  # hundredths of a percent


@register
@dataclass(frozen=True, slots=True)
class Bucket(Kind):
    """People whose place lies between two percentages. `salt` mixes anew: the same one, the same people."""

    type: ClassVar[str] = "bucket"
    first: float
    last: float
    salt: str = "share"

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """{"from", "to", "salt"}: percent, from inclusive, to exclusive."""
        only(raw, path, "type", "from", "to", "salt")
        first = plain_number(raw.get("from", 0), at(path, "from"))
        last = plain_number(raw.get("to"), at(path, "to"))
        if not 0 <= first < last <= 100:
            raise ConditionError(at(path, "to"), _("Give a share between 0 and 100 percent."))
        return cls(float(first), float(last), text(raw.get("salt", "share"), at(path, "salt"), _("Give a name.")))

    def dump(self) -> dict[str, Any]:
        """The same."""
        return {"type": self.type, "from": self.first, "to": self.last, "salt": self.salt}

    def words(self, names: Mapping[int, str]) -> str:
        """ "are in a random 10 % of everybody"."""
        return _("are in a random %(share)s %% of everybody (from %(first)s to %(last)s %%, “%(salt)s”)") % {
            "share": number_format(self.last - self.first, decimal_pos=None),
            "first": number_format(self.first, decimal_pos=None),
            "last": number_format(self.last, decimal_pos=None),
            "salt": self.salt,
        }

    def answer(self, now: datetime) -> Answer:
        """md5 because both sides have it; nothing secret depends on it."""
        return Test(
            sql(
                "('x' || left(md5({} || ':' || p.id::text), 8))::bit(32)::bigint %% {} BETWEEN {} AND {}",
                *(self.salt, PLACES, round(self.first * 100), round(self.last * 100) - 1),
            )
        )

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> None:
        """Nothing is needed."""

    def holds(self, profile: int, facts: None, now: datetime) -> bool:
        """The same as `answer`."""
        return round(self.first * 100) <= self._place(profile) < round(self.last * 100)

    def found(self, profile: int, facts: None, now: datetime) -> str:
        """The place."""
        return _("at %s %%") % number_format(self._place(profile) / 100, decimal_pos=2)

    def _place(self, profile: int) -> int:
        digest = md5(f"{self.salt}:{profile}".encode(), usedforsecurity=False).hexdigest()
        return int(digest[:8], 16) % PLACES

    def interests(self) -> set[tuple[str, str]]:
        """Everybody new has a place."""
        return {("created", "")}

    def blank(self) -> bool:
        """Depends on the profile; new ones are asked anyway."""
        return False
