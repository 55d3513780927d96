"""A question about a list of people, put together by hand or by an upload."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from profiles.models import PeopleList
from profiles.segments.fragment import sql
from profiles.segments.history import rows
from profiles.segments.kind import Kind, People, register
from profiles.segments.reading import at, flag, ident, only
from profiles.segments.sets import Answer, Set

Entries = Mapping[tuple[int, int], datetime]  # (list, profile): on it since


@register
@dataclass(frozen=True, slots=True)
class OnList(Kind):
    """Is (or is not) on a list."""

    type: ClassVar[str] = "list"
    list: int
    on: bool = True

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """{"list", "in"}."""
        only(raw, path, "type", "list", "in")
        return cls(
            ident(raw.get("list"), at(path, "list"), _("Choose a list.")), flag(raw.get("in", True), at(path, "in"))
        )

    def dump(self) -> dict[str, Any]:
        """The same."""
        return {"type": self.type, "list": self.list, "in": self.on}

    def words(self, names: Mapping[int, str]) -> str:
        """ "are on the list “Fair”"."""
        name = names.get(self.list)
        if name is None:
            name = _("a list that no longer exists")
            return (_("are on %s") if self.on else _("are not on %s")) % name
        return (_("are on the list “%s”") if self.on else _("are not on the list “%s”")) % name

    def answer(self, now: datetime) -> Answer:
        """Its entries."""
        entries = sql("SELECT e.profile_id AS id FROM profiles_listentry e WHERE e.list_id = {}", self.list)
        return Set(entries, negated=not self.on)

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> dict[tuple[int, int], datetime]:
        """One statement."""
        args = {"profiles": [*people], "lists": sorted({one.list for one in asked})}
        return {(listed, profile): since for listed, profile, since in rows("on_lists", args)}

    def holds(self, profile: int, facts: Entries, now: datetime) -> bool:
        """The same as `answer`."""
        return ((self.list, profile) in facts) is self.on

    def found(self, profile: int, facts: Entries, now: datetime) -> str:
        """Since when."""
        since = facts.get((self.list, profile))
        return _("on it since %s") % date_format(since, "DATE_FORMAT") if since else _("not on it")

    def interests(self) -> set[tuple[str, str]]:
        """Entries made and taken away."""
        return {("list", str(self.list))}

    def blank(self) -> bool:
        """Somebody new is on none."""
        return not self.on

    @classmethod
    def names(cls, asked: Collection[Self]) -> dict[int, str]:
        """Of the lists."""
        return dict(PeopleList.objects.filter(pk__in={one.list for one in asked}).values_list("pk", "name"))

    @classmethod
    def lost(cls, asked: Collection[Self]) -> dict[Self, str]:
        """Lists that no longer exist."""
        known = set(PeopleList.objects.filter(pk__in={one.list for one in asked}).values_list("pk", flat=True))
        return {one: _("It asks about a list that no longer exists.") for one in asked if one.list not in known}
