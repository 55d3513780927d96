"""A question about what has been known of somebody for a while: stage has been "trial" for 7 days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple, Self

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from omnichannel.shared import sql as statements
from profiles.segments.filters import label, read_question
from profiles.segments.fragment import sql
from profiles.segments.history import rows
from profiles.segments.kind import Edge, Kind, People, register
from profiles.segments.kinds.attribute import Attribute, Values
from profiles.segments.operators import as_sql, have, test
from profiles.segments.periods import Period
from profiles.segments.reading import ConditionError, Value, at, dump_value, only, period
from profiles.segments.sets import ATTRIBUTES, Answer, Test

SQL: Final = statements.load(Path(__file__).parent.parent.parent / "sql" / "segments.sql")


class Steady(NamedTuple):
    """Attributes by profile, and when each (profile, name) last changed; who never changed it is not there."""

    people: People
    changed: Mapping[tuple[int, str], datetime]


@register
@dataclass(frozen=True, slots=True)
class HasBeen(Kind):
    """The answer holds now, and the attribute has not changed for at least this long."""

    type: ClassVar[str] = "has_been"
    field: str
    op: str
    value: Value
    length: Period

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """{"field", "op", "value", "for"}. Comparisons that move with the clock are refused: both would move."""
        only(raw, path, "type", "field", "op", "value", "for")
        field, op, value = read_question(raw, path)
        if Attribute(field, op, value).moves:
            raise ConditionError(at(path, "op"), _("Choose a comparison that does not depend on today."))
        return cls(field, op, value, period(raw.get("for"), at(path, "for")))

    def dump(self) -> dict[str, Any]:
        """The same."""
        asked = {"type": self.type, "field": self.field, "op": self.op} | dump_value(self.value)
        return asked | {"for": self.length.dump()}

    def words(self, names: Mapping[int, str]) -> str:
        """ "have stage trial, unchanged for 7 days"."""
        question = have(self.op, label(self.field), self.value)
        return _("%(question)s, unchanged for %(length)s") % {"question": question, "length": self.length.words()}

    @property
    def _name(self) -> str:
        return self.field.split(".")[0]

    def answer(self, now: datetime) -> Answer:
        """A test of the profile row and of its latest changes. What somebody came with stands in a row without name."""
        return Test(
            sql(
                "({}) AND NOT EXISTS (SELECT FROM profiles_attributechange h WHERE h.profile_id = p.id AND h.at > {}"
                " AND (h.name = {} OR (h.name = '' AND jsonb_exists(h.new, {}))))",
                as_sql(self.op, ATTRIBUTES, self.field, self.value, now),
                now - self.length.length,
                self._name,
                self._name,
            )
        )

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> Steady:
        """One statement."""
        args = {"profiles": list(people), "names": sorted({one._name for one in asked})}
        return Steady(people, {(ident, name): moment for ident, name, moment in rows("attribute_changed", args)})

    def holds(self, profile: int, facts: Steady, now: datetime) -> bool:
        """The same as `answer`."""
        changed = facts.changed.get((profile, self._name))
        steady = changed is None or changed <= now - self.length.length
        return steady and test(self.op, self.field, self.value, now)(facts.people[profile])

    def found(self, profile: int, facts: Steady, now: datetime) -> str:
        """The value, and since when it is what it is."""
        value = Attribute(self.field, self.op, self.value).found(profile, Values(facts.people), now)
        changed = facts.changed.get((profile, self._name))
        if changed is None:
            return value
        return _("%(value)s since %(day)s") % {"value": value, "day": date_format(changed, "DATE_FORMAT")}

    def interests(self) -> set[tuple[str, str]]:
        """The attribute."""
        return {("attribute", self._name)}

    def blank(self) -> bool:
        """By the operator alone: nothing has changed."""
        return Attribute(self.field, self.op, self.value).blank()

    def edges(self, since: datetime, now: datetime) -> Iterable[Edge]:
        """Changes that came of the age."""
        length = self.length.length
        row = {"names": self._name, "after": since - length, "until": now - length}
        yield Edge(SQL["crossed_changes"], row)

    @property
    def moves(self) -> bool:
        """Always."""
        return True

    @property
    def days(self) -> bool:
        """By the operator."""
        return Attribute(self.field, self.op, self.value).days
