"""A question about what somebody did: whether, how often, with which figures, when."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from profiles.segments import windows
from profiles.segments.counts import ONCE, Count, count_sql, count_words, read_count
from profiles.segments.filters import (
    PropertyFilter,
    describe_where,
    dump_where,
    label,
    moving,
    read_where,
    uses_days,
    where_holds,
    where_sql,
)
from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.history import (
    EVER,
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
from profiles.segments.kinds.attribute import date_edges
from profiles.segments.measures import (
    MEASURE_LABELS,
    Measure,
    figure,
    measured,
    measured_sql,
    read_measure,
    zero_passes,
)
from profiles.segments.operators import OPERATORS
from profiles.segments.periods import Stretch
from profiles.segments.reading import ConditionError, at, flag, one_of, only, text
from profiles.segments.sets import NOBODY, Answer, Set
from profiles.segments.values import sql_number


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
            having = measured_sql(self.measure)
            if zero_passes(self.measure):
                return Set(self._grouped(sql("({}) IS NOT TRUE", having), now), negated=self.did)
            return Set(self._grouped(having, now), negated=not self.did)
        op, n, negated = self.count.op, self.count.n, not self.did
        if op == "at_most" or n == 0:
            least = n + 1 if op in ("at_most", "exactly") else 0
            if least == 0:
                return Set(NOBODY, negated=not negated)
            return Set(self._grouped(count_sql(">=", least), now), negated=not negated)
        return Set(self._grouped(count_sql("=" if op == "exactly" else ">=", n), now), negated=negated)

    def _rows(self, now: datetime) -> Fragment:
        joined, tests = within_sql(self.within, "e", now)
        named = [sql("e.name = {}", self.event), *tests, *where_sql(self.where, "e", now)]
        if self.measure and self.measure.of != "distinct":
            named.append(sql("{} IS NOT NULL", sql_number(Fragment("e.properties"), self.measure.field)))
        return sql("FROM profiles_event e {} WHERE {}", joined, join("AND", named))

    def _grouped(self, having: Fragment | None, now: datetime) -> Fragment:
        grouped = sql("SELECT e.profile_id AS id {} GROUP BY e.profile_id", self._rows(now))
        return sql("{} HAVING {}", grouped, having) if having else grouped

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
        if self._plain:
            return self._enough(facts.counts.get((profile, counted(self.event, _stretch(self.within, now))), 0))
        found = self._events(profile, facts, now)
        if self.measure:
            return measured(self.measure, found) is self.did
        return self._enough(len(found))

    def among(self, profiles: Collection[int], facts: History, now: datetime) -> set[int]:
        """The window is worked out once; who never did it is not looked at one by one."""
        if not self._plain:
            did = {profile for profile in profiles if (profile, self.event) in facts.events}
            others = set(profiles) - did if self.blank() else set()
            return others | {profile for profile in did if self.holds(profile, facts, now)}
        key, counts, enough = counted(self.event, _stretch(self.within, now)), facts.counts, self._enough
        never = enough(0)
        return {one for one in profiles if (enough(n) if (n := counts.get((one, key))) else never)}

    def _enough(self, n: int) -> bool:
        least = self.count.n
        return {"at_least": n >= least, "at_most": n <= least, "exactly": n == least}[self.count.op] is self.did

    def _events(self, profile: int, facts: History, now: datetime) -> list[Done]:
        events = facts.of(profile, self.event)
        if self.pick:
            events = events[:1] if self.pick == "first" else events[-1:]
        when = stretch(self.within, profile, facts, now)
        if when is None:
            return []
        return [one for one in events if when.holds(one.at) and where_holds(self.where, one.properties, now)]

    def found(self, profile: int, facts: History, now: datetime) -> str:
        """How often, and when last."""
        if self._plain:
            return times(facts.counts.get((profile, counted(self.event, _stretch(self.within, now))), 0))
        found = self._events(profile, facts, now)
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


def property_edges(event: str, where: Iterable[PropertyFilter], since: datetime, now: datetime) -> Iterable[Edge]:
    """Dates among the properties of an event that crossed an edge."""
    for one in moving(where):
        yield from date_edges(one.op, one.value, one.field, "properties", since, now, event)


def _stretch(window: windows.Window | None, now: datetime) -> Stretch:
    return window.stretch(now) if window else Stretch()
