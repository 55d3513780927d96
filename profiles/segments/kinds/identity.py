"""A question about how somebody is known: with a user id, an anonymous id, a device …"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _

from profiles.segments.fragment import sql
from profiles.segments.history import rows
from profiles.segments.kind import Kind, People, register
from profiles.segments.reading import at, flag, only, text
from profiles.segments.sets import Answer, Test

Known = Mapping[tuple[str, int], int]  # (kind, profile): how many


@register
@dataclass(frozen=True, slots=True)
class KnownBy(Kind):
    """Has (or has not) an identity of a kind."""

    type: ClassVar[str] = "identity"
    kind: str
    has: bool = True

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """{"kind", "has"}."""
        only(raw, path, "type", "kind", "has")
        kind = text(raw.get("kind"), at(path, "kind"), _("Choose a kind of identity."))
        return cls(kind, flag(raw.get("has", True), at(path, "has")))

    def dump(self) -> dict[str, Any]:
        """The same."""
        return {"type": self.type, "kind": self.kind, "has": self.has}

    def words(self, names: Mapping[int, str]) -> str:
        """ "are known by a user id"."""
        name = self.kind.replace("_", " ")
        return (_("are known by: %s") if self.has else _("are not known by: %s")) % name

    def answer(self, now: datetime) -> Answer:
        """A test of the profile row."""
        found = sql("EXISTS (SELECT FROM profiles_identity i WHERE i.profile_id = p.id AND i.kind = {})", self.kind)
        return Test(found if self.has else sql("NOT {}", found))

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> Known:
        """One statement."""
        args = {"profiles": list(people), "kinds": sorted({one.kind for one in asked})}
        return {(kind, ident): n for kind, ident, n in rows("identities", args)}

    def holds(self, profile: int, facts: Known, now: datetime) -> bool:
        """The same as `answer`."""
        return ((self.kind, profile) in facts) is self.has

    def found(self, profile: int, facts: Known, now: datetime) -> str:
        """How many."""
        n = facts.get((self.kind, profile), 0)
        return str(n) if n else _("none")

    def interests(self) -> set[tuple[str, str]]:
        """New identities; and new people."""
        return {("identity", self.kind), ("created", "")}

    def blank(self) -> bool:
        """Somebody unknown has none."""
        return not self.has
