"""A question about order: did A, and then B within an hour, and then not C within two."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Self

from django.utils.translation import gettext as _

from profiles.segments import windows
from profiles.segments.date_edges import property_edges
from profiles.segments.filters import (
    PropertyFilter,
    describe_where,
    dump_where,
    moving,
    read_where,
    uses_days,
    where_holds,
    where_sql,
)
from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.history import EVER, Done, History, aged, earliest, load, stretch, times, within_sql
from profiles.segments.kind import Edge, Kind, People, register
from profiles.segments.periods import Period
from profiles.segments.reading import ConditionError, at, flag, only, period, text
from profiles.segments.sets import Answer, Set

MOST_STEPS: Final = 6


@dataclass(frozen=True, slots=True)
class SequenceStep:
    """Did (or did not) within `after` of the step before. A step that was not done needs its time to be over."""

    event: str
    where: tuple[PropertyFilter, ...] = ()
    did: bool = True
    after: Period | None = None


@register
@dataclass(frozen=True, slots=True)
class InOrder(Kind):
    """The first step lies within the window; each next one comes later than the last one that was done."""

    type: ClassVar[str] = "sequence"
    steps: tuple[SequenceStep, ...]
    did: bool = True
    within: windows.Window | None = None

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """At least two steps, the first of which was done."""
        only(raw, path, "type", "steps", "did", "within")
        steps = raw.get("steps")
        if not isinstance(steps, list) or not 2 <= len(steps) <= MOST_STEPS:
            raise ConditionError(at(path, "steps"), _("Give 2 to %(n)d steps.") % {"n": MOST_STEPS})
        return cls(
            tuple(_step(step, f"{at(path, 'steps')}[{i}]", first=i == 0) for i, step in enumerate(steps)),
            flag(raw.get("did", True), at(path, "did")),
            windows.read(raw.get("within"), at(path, "within")),
        )

    def dump(self) -> dict[str, Any]:
        """All members."""
        return {
            "type": self.type,
            "did": self.did,
            "within": self.within.dump() if self.within else None,
            "steps": [_dump_step(step, first=i == 0) for i, step in enumerate(self.steps)],
        }

    def words(self, names: Mapping[int, str]) -> str:
        """ "did “A” in the last 3 days and then did not do “B” within 2 hours"."""
        first = self.steps[0]
        words = (_("did “%s”") if self.did else _("did not do this: “%s”")) % first.event + _where_words(first)
        if self.within:
            words += " " + self.within.words()
        for step in self.steps[1:]:
            words += " " + (_("and then “%s”") if step.did else _("and then not “%s”")) % step.event
            words += _where_words(step)
            if step.after:
                words += " " + _("within %s") % step.after.words()
        return words

    def answer(self, now: datetime) -> Answer:
        """One event row for each step that was done, joined by person and time; what was not done must not exist."""
        joined, tests = within_sql(self.within, "s0", now)
        joins = [joined] if joined.text else []
        tests = [*_tests(self.steps[0], "s0", now), *tests]
        last = "s0"
        for i, step in enumerate(self.steps[1:], 1):
            alias = f"s{i}"
            links = [
                Fragment(f"{alias}.profile_id = {last}.profile_id AND {alias}.occurred_at > {last}.occurred_at"),
                *_tests(step, alias, now),
            ]
            if step.after:
                links.append(sql(f"{alias}.occurred_at <= {last}.occurred_at + {{}}::interval", step.after.length))
            if step.did:
                joins.append(sql("JOIN profiles_event {} ON {}", Fragment(alias), join("AND", links)))
                last = alias
            else:
                absent = sql("SELECT FROM profiles_event {} WHERE {}", Fragment(alias), join("AND", links))
                tests.append(sql("NOT EXISTS ({})", absent))
                if step.after:
                    tests.append(sql(f"{last}.occurred_at <= {{}}", now - step.after.length))
        rows = Fragment(" ".join(one.text for one in joins), tuple(value for one in joins for value in one.params))
        found = sql("SELECT s0.profile_id AS id FROM profiles_event s0 {} WHERE {}", rows, join("AND", tests))
        return Set(found, negated=not self.did, repeats=True)

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> History:
        """The events of all steps, from the earliest moment a first step may lie at."""
        since: dict[str, datetime] = {}
        for one in asked:
            start = earliest(one.within, now)
            for step in one.steps:
                since[step.event] = min(start, since.get(step.event, start))
            if isinstance(one.within, windows.Since):
                since[one.within.event] = EVER
        return load(list(people), (), since)

    def holds(self, profile: int, facts: History, now: datetime) -> bool:
        """The same as `answer`."""
        return bool(self._starts(profile, facts, now)) is self.did

    def _starts(self, profile: int, facts: History, now: datetime) -> list[Done]:
        when = stretch(self.within, profile, facts, now)
        if when is None:
            return []
        firsts = [one for one in _matching(self.steps[0], profile, facts, now) if when.holds(one.at)]
        return [one for one in firsts if self._goes_on(1, one.at, profile, facts, now)]

    def _goes_on(self, place: int, last: datetime, profile: int, facts: History, now: datetime) -> bool:
        if place == len(self.steps):
            return True
        step = self.steps[place]
        later = [
            one.at
            for one in _matching(step, profile, facts, now)
            if one.at > last and (step.after is None or one.at <= last + step.after.length)
        ]
        if step.did:
            return any(self._goes_on(place + 1, moment, profile, facts, now) for moment in dict.fromkeys(later))
        over = step.after is None or last + step.after.length <= now
        return not later and over and self._goes_on(place + 1, last, profile, facts, now)

    def found(self, profile: int, facts: History, now: datetime) -> str:
        """How often it began like this."""
        found = self._starts(profile, facts, now)
        return times([one.at for one in found], found[-1].at if found else None)

    def interests(self) -> set[tuple[str, str]]:
        """Every event of it."""
        found = {("event", step.event) for step in self.steps}
        return found | {("event", self.within.event)} if isinstance(self.within, windows.Since) else found

    def blank(self) -> bool:
        """Who did nothing did not do this."""
        return not self.did

    def edges(self, since: datetime, now: datetime) -> Iterable[Edge]:
        """First steps that leave the window, steps whose time to be followed is over, dates among properties."""
        if self.within:
            yield from aged(self.steps[0].event, self.within.ages(), since, now)
        last = self.steps[0]
        for step in self.steps:
            if not step.did and step.after:
                yield from aged(last.event, [step.after.length], since, now)
            yield from property_edges(step.event, step.where, since, now)
            last = step if step.did else last

    @property
    def moves(self) -> bool:
        """With a window that follows the clock, a step not done, or properties that move."""
        window = bool(self.within and self.within.ages())
        return window or any(not step.did or moving(step.where) for step in self.steps)

    @property
    def days(self) -> bool:
        """With dates."""
        return isinstance(self.within, windows.Dates) or any(uses_days(step.where) for step in self.steps)


def _step(raw: Any, path: str, *, first: bool) -> SequenceStep:
    if not isinstance(raw, Mapping):
        raise ConditionError(path, _("Choose what people do."))
    if first:
        only(raw, path, "event", "where")
    else:
        only(raw, path, "event", "where", "did", "after")
    did = flag(raw.get("did", True), at(path, "did"))
    after = None if raw.get("after") is None else period(raw["after"], at(path, "after"))
    if not did and after is None:
        raise ConditionError(at(path, "after"), _("Say within which time it was not done."))
    return SequenceStep(
        text(raw.get("event"), at(path, "event"), _("Choose what people do.")),
        tuple(read_where(raw.get("where") or [], at(path, "where"))),
        did,
        after,
    )


def _dump_step(step: SequenceStep, *, first: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"event": step.event, "where": dump_where(step.where)}
    return found if first else found | {"did": step.did, "after": step.after.dump() if step.after else None}


def _where_words(step: SequenceStep) -> str:
    return " " + _("where %s") % describe_where(step.where) if step.where else ""


def _tests(step: SequenceStep, alias: str, now: datetime) -> list[Fragment]:
    return [sql(f"{alias}.name = {{}}", step.event), *where_sql(step.where, alias, now)]


def _matching(step: SequenceStep, profile: int, facts: History, now: datetime) -> list[Done]:
    return [one for one in facts.of(profile, step.event) if where_holds(step.where, one.properties, now)]
