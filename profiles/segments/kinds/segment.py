"""A question about another segment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from profiles.models import Segment
from profiles.segments.fragment import sql
from profiles.segments.history import rows
from profiles.segments.kind import Kind, People, register
from profiles.segments.reading import at, flag, ident, only
from profiles.segments.sets import Answer, Set


def usable_segments(wanted: Collection[int]) -> set[int]:
    """Those of the segments whose membership can be trusted: they exist, have been built and are not broken."""
    if not wanted:
        return set()
    found = Segment.objects.filter(pk__in=wanted, built_at__isnull=False).exclude(state=Segment.State.BROKEN)
    return set(found.values_list("pk", flat=True))


@register
@dataclass(frozen=True, slots=True)
class InSegment(Kind):
    """Is (or is not) in another segment."""

    type: ClassVar[str] = "segment"
    segment: int
    member: bool = True

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """{"segment", "in"}."""
        only(raw, path, "type", "segment", "in")
        return cls(
            ident(raw.get("segment"), at(path, "segment"), _("Choose a segment.")),
            flag(raw.get("in", True), at(path, "in")),
        )

    def dump(self) -> dict[str, Any]:
        """The same."""
        return {"type": self.type, "segment": self.segment, "in": self.member}

    def words(self, names: Mapping[int, str]) -> str:
        """ "are in “Regulars”"."""
        name = names.get(self.segment) or _("a segment that no longer exists")
        return (_("are in “%s”") if self.member else _("are not in “%s”")) % name

    def answer(self, now: datetime) -> Answer:
        """Its members."""
        members = sql("SELECT m.profile_id AS id FROM profiles_membership m WHERE m.segment_id = {}", self.segment)
        return Set(members, negated=not self.member)

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> dict[tuple[int, int], datetime]:
        """(segment, profile): member since."""
        args = {"profiles": list(people), "segments": sorted({one.segment for one in asked})}
        return {(segment, profile): since for segment, profile, since in rows("members_since", args)}

    def holds(self, profile: int, facts: Mapping[tuple[int, int], datetime], now: datetime) -> bool:
        """The same as `answer`."""
        return ((self.segment, profile) in facts) is self.member

    def found(self, profile: int, facts: Mapping[tuple[int, int], datetime], now: datetime) -> str:
        """Since when."""
        since = facts.get((self.segment, profile))
        return _("in it since %s") % date_format(since, "DATE_FORMAT") if since else _("not in it")

    def interests(self) -> set[tuple[str, str]]:
        """Entering and leaving."""
        return {("entered", str(self.segment)), ("exited", str(self.segment))}

    def blank(self) -> bool:
        """Somebody new is in none."""
        return not self.member

    @classmethod
    def names(cls, asked: Collection[Self]) -> dict[int, str]:
        """Of the segments."""
        return dict(Segment.objects.filter(pk__in={one.segment for one in asked}).values_list("pk", "name"))

    @classmethod
    def lost(cls, asked: Collection[Self]) -> dict[Self, str]:
        """Segments that do not exist, are not built yet, or are broken."""
        known = Segment.objects.filter(pk__in={one.segment for one in asked}).only("name", "built_at", "state")
        found = {segment.pk: segment for segment in known}
        why: dict[Self, str] = {}
        for one in asked:
            segment = found.get(one.segment)
            if segment is None:
                why[one] = _("It asks about a segment that no longer exists.")
            elif segment.built_at is None or segment.state == Segment.State.BROKEN:
                why[one] = _("It asks about “%s”, which is not ready or needs repair.") % segment.name
        return why
