"""A question about journeys: is inside, went through, converted, was never in it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final, Self

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.models import Enrollment, Journey
from omnichannel.shared import sql as statements
from profiles.segments import windows
from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.history import EVER, History, load, stretch, times, within_sql
from profiles.segments.kind import Edge, Kind, People, register
from profiles.segments.reading import ConditionError, at, ident, one_of, only
from profiles.segments.sets import Answer, Set

SQL: Final = statements.load(Path(__file__).parent.parent / "sql" / "conditions.sql")
# The column that a window asks about, and the state that is asked for.
STATES: Final[dict[str, tuple[str, int | None]]] = {
    "inside": ("entered_at", Enrollment.State.ACTIVE),
    "passed": ("ended_at", Enrollment.State.COMPLETED),
    "converted": ("converted_at", None),
    "never": ("entered_at", None),
}
LABELS: Final[dict[str, str | Promise]] = {
    "inside": gettext_lazy("are in the journey “%s”"),
    "passed": gettext_lazy("went through the journey “%s”"),
    "converted": gettext_lazy("reached the goal of the journey “%s”"),
    "never": gettext_lazy("were never in the journey “%s”"),
}


@dataclass(slots=True)
class Passages:
    """(journey, state, moments of entering, ending, converting) by profile, and the events that windows start at."""

    of: dict[int, list[tuple[int, int, dict[str, datetime | None]]]]
    history: History


@register
@dataclass(frozen=True, slots=True)
class InJourney(Kind):
    """`within` asks when somebody entered, finished or converted; "never" has none."""

    type: ClassVar[str] = "journey"
    journey: int
    state: str = "inside"
    within: windows.Window | None = None

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """{"journey", "state", "within"}."""
        only(raw, path, "type", "journey", "state", "within")
        state = one_of(raw.get("state", "inside"), at(path, "state"), tuple(STATES), _("Choose where people stand."))
        within = windows.read(raw.get("within"), at(path, "within"))
        if state == "never" and within:
            raise ConditionError(at(path, "within"), _("“Never” takes no time."))
        return cls(ident(raw.get("journey"), at(path, "journey"), _("Choose a journey.")), state, within)

    def dump(self) -> dict[str, Any]:
        """All members."""
        within = self.within.dump() if self.within else None
        return {"type": self.type, "journey": self.journey, "state": self.state, "within": within}

    def words(self, names: Mapping[int, str]) -> str:
        """ "went through the journey “Welcome” in the last 30 days"."""
        words = str(LABELS[self.state]) % (names.get(self.journey) or _("that no longer exists"))
        return f"{words} {self.within.words()}" if self.within else words

    def answer(self, now: datetime) -> Answer:
        """Who was merged away counts for the survivor."""
        column, state = STATES[self.state]
        tests = [sql("m.journey_id = {}", self.journey), Fragment(f"m.{column} IS NOT NULL")]
        tests += [sql("m.state = {}", int(state))] if state else []
        joined, when = within_sql(self.within, "e", now)
        found = sql(
            "SELECT DISTINCT e.profile_id AS id FROM ("
            "SELECT COALESCE(s.merged_into_id, m.profile_id) AS profile_id, {} AS occurred_at"
            " FROM journeys_enrollment m"
            " LEFT JOIN profiles_profile s ON s.id = m.profile_id AND s.merged_into_id IS NOT NULL WHERE {}"
            ") e {} WHERE {}",
            *(Fragment(f"m.{column}"), join("AND", tests), joined, join("AND", when or [Fragment("TRUE")])),
        )
        return Set(found, negated=self.state == "never")

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> Passages:
        """One statement, and one for windows that start at an event."""
        found: dict[int, list[tuple[int, int, dict[str, datetime | None]]]] = defaultdict(list)
        args = {"profiles": list(people), "journeys": sorted({one.journey for one in asked})}
        with connection.cursor() as cursor:
            cursor.execute(SQL["passages_of"], args)
            for profile, journey, state, entered, ended, converted in cursor.fetchall():
                moments = {"entered_at": entered, "ended_at": ended, "converted_at": converted}
                found[profile].append((journey, state, moments))
        starts = {one.within.event: EVER for one in asked if isinstance(one.within, windows.Since)}
        return Passages(found, load(list(people), (), starts))

    def holds(self, profile: int, facts: Passages, now: datetime) -> bool:
        """The same as `answer`."""
        return bool(self._moments(profile, facts, now)) is (self.state != "never")

    def _moments(self, profile: int, facts: Passages, now: datetime) -> list[datetime]:
        when = stretch(self.within, profile, facts.history, now)
        if when is None:
            return []
        column, wanted = STATES[self.state]
        moments = [
            moments[column]
            for journey, state, moments in facts.of.get(profile, ())
            if journey == self.journey and wanted in (None, state)
        ]
        return sorted(moment for moment in moments if moment and when.holds(moment))

    def found(self, profile: int, facts: Passages, now: datetime) -> str:
        """How often, and when last."""
        moments = self._moments(profile, facts, now)
        return times(moments, moments[-1] if moments else None)

    def interests(self) -> set[tuple[str, str]]:
        """Everything that happens to somebody in this journey."""
        found = {("journey", str(self.journey))}
        return found | {("event", self.within.event)} if isinstance(self.within, windows.Since) else found

    def blank(self) -> bool:
        """Somebody unknown was in none."""
        return self.state == "never"

    def edges(self, since: datetime, now: datetime) -> Iterable[Edge]:
        """Passages that came of an age."""
        asked = {"journeys": self.journey, "what": STATES[self.state][0]}
        for age in self.within.ages() if self.within else ():
            yield Edge(SQL["crossed_passages"], {**asked, "after": since - age, "until": now - age})

    @property
    def moves(self) -> bool:
        """With a window that follows the clock."""
        return bool(self.within and self.within.ages())

    @property
    def days(self) -> bool:
        """With dates."""
        return isinstance(self.within, windows.Dates)

    @classmethod
    def names(cls, asked: Collection[Self]) -> dict[int, str]:
        """Of the journeys."""
        return dict(Journey.objects.filter(pk__in={one.journey for one in asked}).values_list("pk", "name"))

    @classmethod
    def lost(cls, asked: Collection[Self]) -> dict[Self, str]:
        """Journeys that no longer exist."""
        known = cls.names(asked)
        return {one: _("It asks about a journey that no longer exists.") for one in asked if one.journey not in known}
