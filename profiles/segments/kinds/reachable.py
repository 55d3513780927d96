"""A question about whether somebody can be written to: an address, and none that is blocked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from profiles.segments.fragment import sql
from profiles.segments.history import rows
from profiles.segments.kind import Kind, People, register
from profiles.segments.reading import at, flag, one_of, only
from profiles.segments.sets import Answer, Test

LABELS: Final[dict[str, str | Promise]] = {
    "email": gettext_lazy("e-mail"),
    "phone": gettext_lazy("phone"),
    "device_token": gettext_lazy("push"),
    "chat_id": gettext_lazy("chat"),
}
ATTRIBUTES: Final = ("email", "phone")  # addresses that stand among the attributes; others are identities
# As addresses are blocked; `addresses` in segments.sql says the same.
SPELLED: Final = {
    "email": "lower(btrim(p.attributes ->> {}::text))",
    "phone": r"regexp_replace(translate(p.attributes ->> {}::text, E' \t().-/', ''), '^00', '+')",
}
Reach = Mapping[tuple[str, int], str]  # (by, profile): "yes" or "blocked"


@register
@dataclass(frozen=True, slots=True)
class Reachable(Kind):
    """Has (or has not) an address of a kind that is not blocked."""

    type: ClassVar[str] = "reachable"
    by: str
    reachable: bool = True

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """{"by", "reachable"}."""
        only(raw, path, "type", "by", "reachable")
        by = one_of(raw.get("by"), at(path, "by"), tuple(LABELS), _("Choose how to reach people."))
        return cls(by, flag(raw.get("reachable", True), at(path, "reachable")))

    def dump(self) -> dict[str, Any]:
        """The same."""
        return {"type": self.type, "by": self.by, "reachable": self.reachable}

    def words(self, names: Mapping[int, str]) -> str:
        """ "can be reached by e-mail"."""
        return (_("can be reached by %s") if self.reachable else _("cannot be reached by %s")) % LABELS[self.by]

    def answer(self, now: datetime) -> Answer:
        """A test of the profile row."""
        if self.by in ATTRIBUTES:
            address = sql(SPELLED[self.by], self.by)
            found = sql(
                "(COALESCE({}, '') <> '' AND NOT EXISTS ("
                "SELECT FROM profiles_suppression s WHERE s.kind = {} AND s.address = {}))",
                *(address, self.by, address),
            )
        else:
            found = sql(
                "EXISTS (SELECT FROM profiles_identity i WHERE i.profile_id = p.id AND i.kind = {} AND NOT EXISTS ("
                "SELECT FROM profiles_suppression s WHERE s.kind = i.kind AND s.address = i.value))",
                self.by,
            )
        return Test(found if self.reachable else sql("NOT {}", found))

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> Reach:
        """One statement for addresses among the attributes, one for the others."""
        wanted = {one.by for one in asked}
        found: dict[tuple[str, int], str] = {}
        for statement, kinds in (
            ("addresses", sorted(wanted & set(ATTRIBUTES))),
            ("address_identities", sorted(wanted - set(ATTRIBUTES))),
        ):
            if kinds:
                for by, ident, blocked in rows(statement, {"profiles": list(people), "kinds": kinds}):
                    found[by, ident] = "blocked" if blocked else "yes"
        return found

    def holds(self, profile: int, facts: Reach, now: datetime) -> bool:
        """The same as `answer`."""
        return (facts.get((self.by, profile)) == "yes") is self.reachable

    def found(self, profile: int, facts: Reach, now: datetime) -> str:
        """Yes, or why not."""
        return {"yes": _("yes"), "blocked": _("the address is blocked")}.get(
            facts.get((self.by, profile), ""), _("no address")
        )

    def interests(self) -> set[tuple[str, str]]:
        """A new address, a blocked or released one."""
        address = ("attribute", self.by) if self.by in ATTRIBUTES else ("identity", self.by)
        return {address, ("suppression", self.by), ("created", "")}

    def blank(self) -> bool:
        """Somebody unknown has no address."""
        return not self.reachable
