"""What the list of people is narrowed by, as its address says it, and the columns it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from profiles.models import PeopleList, Profile, Segment
from profiles.segments import compiler
from profiles.segments.ast import ConditionError, parse

OPERATORS: Final[Mapping[str, str | Promise]] = {
    "eq": _("is"),
    "ne": _("is not"),
    "contains": _("contains"),
    "starts_with": _("starts with"),
    "gt": _("is more than"),
    "lt": _("is less than"),
    "is_set": _("is known"),
    "is_not_set": _("is not known"),
}
WITHOUT_VALUE: Final = ("is_set", "is_not_set")
COLUMNS: Final[Mapping[str, str | Promise]] = {
    "reach": _("Reachable by"),
    "from": _("From"),
    "first": _("First seen"),
    "last": _("Last seen"),
}
MOST_COLUMNS: Final = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list: one of ours, or an attribute by its name."""

    key: str
    title: str
    is_attribute: bool


@dataclass(frozen=True, slots=True)
class PeopleFilters:
    """Which people. `attribute` is (name, operator, value); one that cannot be understood finds nobody."""

    text: str = ""
    segment: Segment | None = None
    list: PeopleList | None = None
    attribute: tuple[str, str, str] | None = None

    @property
    def narrow(self) -> bool:
        """Whether more than a segment narrows it down."""
        return bool(self.list or self.attribute)

    def condition(self) -> dict[str, Any] | None:
        """The question about the attribute as JSON of a condition."""
        if self.attribute is None:
            return None
        name, op, value = self.attribute
        asked: dict[str, Any] = {"type": "attribute", "field": name, "op": op}
        return asked if op in WITHOUT_VALUE else {**asked, "value": _typed(op, value)}

    @property
    def attribute_words(self) -> str:
        """ "contains"."""
        return str(OPERATORS[self.attribute[1]]) if self.attribute else ""

    def apply(self, people: QuerySet[Profile], now: datetime) -> QuerySet[Profile]:
        """The people that are left."""
        if self.segment:
            people = people.filter(membership__segment=self.segment)
        if self.list:
            people = people.filter(listentry__list=self.list)
        asked = self.condition()
        if asked:
            try:
                found = compiler.compiled(parse(asked), now)
            except ConditionError:
                return people.none()
            people = people.filter(pk__in=RawSQL(found.text, found.params))  # noqa: S611 -- made of bound parameters
        return people


def _typed(op: str, value: str) -> str | float:
    """A number where a number is meant: "more than 5"."""
    if op in ("gt", "lt"):
        try:
            return float(value)
        except ValueError:
            return value
    return value


def columns(wanted: Sequence[str]) -> list[Column]:
    """The columns to show; those that everybody has where nothing is wanted."""
    chosen = list(dict.fromkeys(one for one in wanted if one))[:MOST_COLUMNS] or list(COLUMNS)
    return [column(one) for one in chosen]


def column(key: str) -> Column:
    """One of them."""
    return Column(key, str(COLUMNS.get(key, key.replace("_", " ").capitalize())), key not in COLUMNS)
