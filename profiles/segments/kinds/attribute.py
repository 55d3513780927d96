"""A question about the profile itself."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final, Self

from django.utils.translation import gettext as _

from profiles.segments.date_edges import date_edges
from profiles.segments.filters import label
from profiles.segments.kind import Edge, People, register
from profiles.segments.operators import OPERATORS, as_sql, have, value_in_words
from profiles.segments.question import Question
from profiles.segments.sets import ATTRIBUTES, Answer, Test
from profiles.segments.values import at_path, reader

EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(slots=True)
class Values:
    """The attributes of some profiles, and of the fields that are asked about: who has which value."""

    people: People
    by_field: dict[str, list[tuple[Any, set[int]]]] = field(default_factory=dict)

    def of(self, name: str) -> list[tuple[Any, set[int]]]:
        """The different values of a field, with their profiles."""
        if name not in self.by_field:
            read, found = reader(name), dict[tuple[type, Any], tuple[Any, set[int]]]()
            for profile, attributes in self.people.items():
                value = read(attributes)
                kind = value.__class__  # 1, 1.0 and true are equal, yet not the same
                key = (kind, profile if kind is dict or kind is list else value)
                if key in found:
                    found[key][1].add(profile)
                else:
                    found[key] = (value, {profile})
            self.by_field[name] = list(found.values())
        return self.by_field[name]


@register
@dataclass(frozen=True, slots=True)
class Attribute(Question):
    """country is one of Germany, Austria."""

    type: ClassVar[str] = "attribute"

    def words(self, names: Mapping[int, str]) -> str:
        """ "have country Germany"."""
        return have(self.op, label(self.field), self.value)

    def answer(self, now: datetime) -> Answer:
        """A test of the profile row."""
        return Test(as_sql(self.op, ATTRIBUTES, self.field, self.value, now))

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> "Values":
        """Attributes are always loaded."""
        return Values(people)

    def holds(self, profile: int, facts: "Values", now: datetime) -> bool:
        """By the operator."""
        return profile in self.among((profile,), facts, now)

    def among(self, profiles: Collection[int], facts: "Values", now: datetime) -> set[int]:
        """Asked once of each different value."""
        passes = OPERATORS[self.op].test(self.value, now)
        return set().union(*(who for value, who in facts.of(self.field) if passes(value))).intersection(profiles)

    def found(self, profile: int, facts: "Values", now: datetime) -> str:
        """The value."""
        value = at_path(facts.people[profile], self.field)
        if isinstance(value, list):
            return ", ".join(value_in_words(one) for one in value)
        return _("not known") if value in (None, "") else str(value_in_words(value))

    def interests(self) -> set[tuple[str, str]]:
        """The outermost name of a nested path."""
        return {("attribute", self.field.split(".")[0])}

    def blank(self) -> bool:
        """By the operator alone."""
        return OPERATORS[self.op].test(self.value, EPOCH)(None)

    def edges(self, since: datetime, now: datetime) -> Iterable[Edge]:
        """Dates among the attributes that the clock has passed."""
        return date_edges(self.op, self.value, self.field, "attributes", since, now)
