"""A question about what somebody did: whether, how often, with which figures, when."""

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Self

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from profiles.segments import windows
from profiles.segments.counts import ONCE, Count, count_sql, count_words, read_count
from profiles.segments.date_edges import property_edges
from profiles.segments.filters import (
    PropertyFilter,
    describe_where,
    dump_where,
    label,
    moving,
    read_where,
    uses_days,
    where_sql,
    where_test,
)
from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.history import (
    EVER,
    NEVER,
    Done,
    History,
    aged,
    counted,
    earliest,
    load,
    stretch,
    times,
    within_sql,
)
from profiles.segments.kind import Edge, Kind, People, register
from profiles.segments.measures import (
    MEASURE_LABELS,
    Measure,
    figure,
    measured,
    measured_sql,
    read_measure,
    value_sql,
    zero_passes,
)
from profiles.segments.operators import OPERATORS
from profiles.segments.periods import Stretch
from profiles.segments.reading import ConditionError, at, flag, one_of, only, text
from profiles.segments.sets import NOBODY, Answer, Set

PICKED: Final = {None: slice(None), "first": slice(1), "last": slice(-1, None)}
COMPARED: Final = {"at_least": operator.ge, "at_most": operator.le, "exactly": operator.eq}


@register
@dataclass(frozen=True, slots=True)
class Event(Kind):
    """Did something, so many times, within a window. `did` False: the complement of the same with True.

    With `measure`, a figure is asked for instead of the number. With `pick`, only the first or last such event ever
    is asked about window and properties. A sum and a number of different values of nothing are 0; an average, smallest
    and largest value of nothing pass no comparison.
    """

    type: ClassVar[str] = "event"
    event: str
    did: bool = True
    count: Count = ONCE
    within: windows.Window | None = None
    where: tuple[PropertyFilter, ...] = ()
    pick: str | None = None
    measure: Measure | None = None

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """Everything but the event's name may be left out."""
        only(raw, path, "type", "event", "did", "count", "within", "where", "pick", "measure")
        pick = raw.get("pick")
        if pick is not None:
            one_of(pick, at(path, "pick"), windows.PICKS, _("Choose the first or the last time."))
        measure = None if raw.get("measure") is None else read_measure(raw["measure"], at(path, "measure"))
        count = read_count(raw.get("count"), at(path, "count"))
        if (measure or pick) and count != ONCE:
            raise ConditionError(at(path, "count"), _("Ask for a number of times or for a figure, not for both."))
        if measure and pick:
            raise ConditionError(at(path, "pick"), _("A figure needs all the events, not one."))
        return cls(
            text(raw.get("event"), at(path, "event"), _("Choose what people do.")),
            flag(raw.get("did", True), at(path, "did")),
            count,
            windows.read(raw.get("within"), at(path, "within")),
            tuple(read_where(raw.get("where") or [], at(path, "where"))),
            pick,
            measure,
        )

    def dump(self) -> dict[str, Any]:
        """All members; `count` only where it is asked."""
        asked: dict[str, Any] = {"count": {"op": self.count.op, "n": self.count.n}}
        if self.measure:
            m = self.measure
            asked = {"measure": {"of": m.of, "field": m.field, "op": m.op, "value": m.value}}
        elif self.pick:
            asked = {"pick": self.pick}
        return {
            "type": self.type,
            "event": self.event,
            "did": self.did,
            **asked,
            "within": self.within.dump() if self.within else None,
            "where": dump_where(self.where),
        }

    def words(self, names: Mapping[int, str]) -> str:
        """ "did “Order Completed” at least 3 times in the last 30 days where total is more than 50"."""
        texts = {
            (True, True): _("did “%(event)s” %(count)s"),
            (False, True): _("did not do “%(event)s” %(count)s"),
            (True, False): _("did “%(event)s” and %(count)s"),
            (False, False): _("did “%(event)s”, but it is not so that %(count)s"),
        }
        words = texts[self.did, self.measure is None] % {"event": self.event, "count": self._figure()}
        if self.within:
            words += " " + self.within.words()
        if self.where:
            words += " " + _("where %s") % describe_where(self.where)
        return " ".join(words.split())

    def _figure(self) -> str:
        if self.measure:
            return _("%(figure)s %(field)s %(sign)s %(value)s") % {
                "figure": MEASURE_LABELS[self.measure.of],
                "field": label(self.measure.field),
                "sign": OPERATORS[self.measure.op].label,
                "value": number_format(self.measure.value),
            }
        if self.pick:
            return _("for the first time") if self.pick == "first" else _("for the last time")
        return count_words(self.count)

    def answer(self, now: datetime) -> Answer:
        """`at most`, `exactly 0` and figures that nothing passes are complements: who never did it is among them."""
        if self.pick:
            return Set(self._picked(now), negated=not self.did)
        if self.measure:
            return self._measured(self.measure, now)
        op, n, negated = self.count.op, self.count.n, not self.did
        if op == "at_most" or n == 0:
            least = n + 1 if op in ("at_most", "exactly") else 0
            if least == 0:
                return Set(NOBODY, negated=not negated)
            return self._counted(count_sql(">=", least), now, negated=not negated)
        return self._counted(count_sql("=" if op == "exactly" else ">=", n), now, negated=negated)

    def _rows(self, now: datetime, *more: Fragment) -> Fragment:
        joined, tests = within_sql(self.within, "e", now)
        named = [sql("e.name = {}", self.event), *tests, *where_sql(self.where, "e", now), *more]
        return sql("FROM profiles_event e {} WHERE {}", joined, join("AND", named))

    def _counted(self, having: Fragment | None, now: datetime, *, negated: bool) -> Set:
        found = sql("SELECT e.profile_id AS id {}", self._rows(now))
        if having:
            found = sql("{} GROUP BY e.profile_id HAVING {}", found, having)
        return Set(found, negated, repeats=having is None)

    def _measured(self, measure: Measure, now: datetime) -> Set:
        """Put in order first: each figure of very many people, kept at the same time, would not fit into memory."""
        value, having = value_sql(measure), measured_sql(measure)
        rows = self._rows(now, *([sql("{} IS NOT NULL", value)] if measure.of != "distinct" else []))
        zero = zero_passes(measure)
        return Set(
            sql(
                "SELECT e.id FROM (SELECT e.profile_id AS id, {} AS value {} ORDER BY e.profile_id) e"
                " GROUP BY e.id HAVING {}",
                *(value, rows, sql("({}) IS NOT TRUE", having) if zero else having),
            ),
            negated=self.did is zero,
        )

    def _picked(self, now: datetime) -> Fragment:
        """Window and properties are asked of the one event alone."""
        order = "e.occurred_at, e.id" if self.pick == "first" else "e.occurred_at DESC, e.id DESC"
        joined, tests = within_sql(self.within, "e", now)
        tests += where_sql(self.where, "e", now)
        chosen = sql(
            "SELECT e.profile_id AS id FROM (SELECT DISTINCT ON (e.profile_id) e.profile_id, e.occurred_at,"
            " e.properties, e.total FROM profiles_event e WHERE e.name = {} ORDER BY e.profile_id, {}) e {}",
            *(self.event, Fragment(order), joined),
        )
        return sql("{} WHERE {}", chosen, join("AND", tests)) if tests else chosen

    @property
    def _plain(self) -> bool:
        """Whether a number of events answers it."""
        return not (self.where or self.pick or self.measure or isinstance(self.within, windows.Since))

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> History:
        """Numbers of events where these do, else the events themselves, from the earliest moment anybody asks for."""
        counts = {counted(one.event, _stretch(one.within, now)) for one in asked if one._plain}
        since: dict[str, datetime] = {}
        for one in asked:
            if not one._plain:
                start = EVER if one.pick else earliest(one.within, now)
                since[one.event] = min(start, since.get(one.event, start))
                if isinstance(one.within, windows.Since):
                    since[one.within.event] = EVER
        return load(list(people), counts, since)

    def holds(self, profile: int, facts: History, now: datetime) -> bool:
        """The same as `answer`."""
        return profile in self.among((profile,), facts, now)

    def among(self, profiles: Collection[int], facts: History, now: datetime) -> set[int]:
        """Window and comparisons are worked out once; who never did it is not looked at one by one."""
        if self._plain:
            numbers = facts.counts.get(counted(self.event, _stretch(self.within, now)), {})
            did = {one for one in numbers.keys() & profiles if self._enough(numbers[one])}
            known: Collection[int] = numbers.keys()
        else:
            known = facts.events.get(self.event, {}).keys()
            passes, chosen = self._passes(), self._chooser(facts, now)
            did = {one for one in known & profiles if passes(chosen(one))}
        return did.union(set(profiles).difference(known)) if self.blank() else did

    def _enough(self, n: int) -> bool:
        return COMPARED[self.count.op](n, self.count.n) is self.did

    def _passes(self) -> Callable[[Sequence[Done]], bool]:
        """Whether some events are what is asked for."""
        if not self.measure:
            return lambda events: self._enough(len(events))
        passes, did = measured(self.measure), self.did
        return lambda events: passes(events) is did

    def _chooser(self, facts: History, now: datetime) -> Callable[[int], list[Done]]:
        """What gives the events of a person that are asked about."""
        held, part = facts.events.get(self.event, {}), PICKED[self.pick]
        fits = where_test(self.where, now) if self.where else None

        def between(profile: int, after: datetime, until: datetime) -> list[Done]:
            events = [one for one in held.get(profile, [])[part] if after < one.at <= until]
            return [one for one in events if fits(one.properties)] if fits else events

        def since(profile: int) -> list[Done]:
            when = stretch(self.within, profile, facts, now)
            return between(profile, when.after or EVER, NEVER) if when else []

        if isinstance(self.within, windows.Since):
            return since
        _name, after, until = counted(self.event, _stretch(self.within, now))
        return lambda profile: between(profile, after, until)

    def found(self, profile: int, facts: History, now: datetime) -> str:
        """How often, and when last."""
        if self._plain:
            return times(facts.number(profile, counted(self.event, _stretch(self.within, now))))
        found = self._chooser(facts, now)(profile)
        if self.measure and found:
            value = figure(self.measure, found)
            return _("%(figure)s %(field)s is %(value)s") % {
                "figure": MEASURE_LABELS[self.measure.of],
                "field": label(self.measure.field),
                "value": _("not known") if value is None else number_format(value, decimal_pos=2),
            }
        return times([one.at for one in found], found[-1].at if found else None)

    def interests(self) -> set[tuple[str, str]]:
        """The event, and the one that its window starts at."""
        found = {("event", self.event)}
        return found | {("event", self.within.event)} if isinstance(self.within, windows.Since) else found

    def blank(self) -> bool:
        """Who never did it."""
        if self.measure:
            return zero_passes(self.measure) is self.did
        return self._enough(0)

    def edges(self, since: datetime, now: datetime) -> Iterable[Edge]:
        """Events that came of an age, and dates among their properties."""
        if self.within:
            yield from aged(self.event, self.within.ages(), since, now)
        yield from property_edges(self.event, self.where, since, now)

    @property
    def moves(self) -> bool:
        """With a window that follows the clock, or properties that do."""
        return bool((self.within and self.within.ages()) or moving(self.where))

    @property
    def days(self) -> bool:
        """With dates."""
        return isinstance(self.within, windows.Dates) or uses_days(self.where)


def _stretch(window: windows.Window | None, now: datetime) -> Stretch:
    return window.stretch(now) if window else Stretch()
