"""When: the windows a question about events may have, each with its JSON, its words and the ages at which it moves.

- Last: the last 30 days (up to now, and what is dated later).
- Dates: before a day, from a day on, or from one day to another; days are those of the workspace's zone.
- Ago: between 60 and 30 days ago.
- Since: after the first or last time that the same person did something else. Who never did it has no window.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from profiles.segments.periods import TICK, Period, Stretch
from profiles.segments.reading import ConditionError, at, day_or_moment, one_of, only, period, text
from profiles.segments.values import moment
from profiles.segments.zone import zone_of

PICKS = ("first", "last")


@dataclass(frozen=True, slots=True)
class Last:
    """The last 30 days."""

    period: Period

    def stretch(self, now: datetime) -> Stretch:
        """From then on."""
        return Stretch(now - self.period.length)

    def ages(self) -> tuple[timedelta, ...]:
        """How old something is when it leaves."""
        return (self.period.length,)

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return self.period.dump()

    def words(self) -> str:
        """Part of a sentence."""
        return _("in the last %s") % self.period.words()


@dataclass(frozen=True, slots=True)
class Dates:
    """From a day or moment (kept as given) to another; one of the two may be open."""

    first: str | None
    last: str | None
    before: bool = False  # "before" leaves its day out, "to" has it in

    def stretch(self, now: datetime) -> Stretch:
        """Both ends as moments, in the zone of `now`."""
        after = _start(self.first, now) - TICK if self.first else None
        if not self.last:
            return Stretch(after)
        end = _start(self.last, now)
        if self.before:
            return Stretch(after, end - TICK)
        return Stretch(after, _start(self.last, now, days=1) - TICK if len(self.last) == 10 else end)

    def ages(self) -> tuple[timedelta, ...]:
        """Nothing moves."""
        return ()

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        if self.first and self.last:
            return {"from": self.first, "to": self.last}
        return {"before": self.last} if self.last else {"after": self.first}

    def words(self) -> str:
        """Part of a sentence."""
        if self.first and self.last:
            return _("from %(first)s to %(last)s") % {"first": _day(self.first), "last": _day(self.last)}
        return _("before %s") % _day(self.last) if self.last else _("on or after %s") % _day(self.first or "")


@dataclass(frozen=True, slots=True)
class Ago:
    """Between 60 and 30 days ago."""

    first: Period
    last: Period

    def stretch(self, now: datetime) -> Stretch:
        """Both ends as moments."""
        return Stretch(now - self.first.length, now - self.last.length)

    def ages(self) -> tuple[timedelta, ...]:
        """How old something is when it comes in, and when it leaves."""
        return self.first.length, self.last.length

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {"from": self.first.dump(), "to": self.last.dump()}

    def words(self) -> str:
        """Part of a sentence."""
        return _("between %(first)s and %(last)s ago") % {"first": self.first.words(), "last": self.last.words()}


@dataclass(frozen=True, slots=True)
class Since:
    """After the same person did something else for the first or last time."""

    event: str
    pick: str = "last"

    def stretch(self, now: datetime) -> Stretch:
        """Open: it differs from person to person."""
        return Stretch()

    def ages(self) -> tuple[timedelta, ...]:
        """Nothing moves."""
        return ()

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {"since": self.event, "pick": self.pick}

    def words(self) -> str:
        """Part of a sentence."""
        if self.pick == "first":
            return _("since they first did “%s”") % self.event
        return _("since they last did “%s”") % self.event


Window = Last | Dates | Ago | Since


def read(raw: Any, path: str) -> Window | None:
    """A window from JSON; None stands for "ever"."""
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        raise ConditionError(path, _("Say when."))
    if "since" in raw:
        only(raw, path, "since", "pick")
        pick = one_of(raw.get("pick", "last"), at(path, "pick"), PICKS, _("Choose the first or the last time."))
        return Since(text(raw["since"], at(path, "since"), _("Choose what people do.")), pick)
    if "before" in raw or "after" in raw:
        only(raw, path, "before" if "before" in raw else "after")
        if "before" in raw:
            return Dates(None, day_or_moment(raw["before"], at(path, "before")), before=True)
        return Dates(day_or_moment(raw["after"], at(path, "after")), None)
    if "from" in raw or "to" in raw:
        return _between(raw, path)
    return Last(period(raw, path))


def _between(raw: Mapping[str, Any], path: str) -> Window:
    only(raw, path, "from", "to")
    if isinstance(raw.get("from"), Mapping):
        first, last = period(raw["from"], at(path, "from")), period(raw.get("to"), at(path, "to"))
        if first.length <= last.length:
            raise ConditionError(at(path, "to"), _("The longer time comes first: between 60 and 30 days ago."))
        return Ago(first, last)
    begin, end = day_or_moment(raw.get("from"), at(path, "from")), day_or_moment(raw.get("to"), at(path, "to"))
    found_begin, found_end = moment(begin), moment(end)
    if found_begin is None or found_end is None or found_begin > found_end:
        raise ConditionError(at(path, "to"), _("This day is before the first one."))
    return Dates(begin, end)


def _start(given: str, now: datetime, *, days: int = 0) -> datetime:
    """The first moment of a day in the zone of `now`, or the moment itself."""
    found = moment(given)
    assert found is not None  # noqa: S101 - checked when it was read
    if len(given) > 10:
        return found
    return datetime.combine(found.date() + timedelta(days=days), time(), zone_of(now)).astimezone(UTC)


def _day(given: str) -> str:
    found = moment(given)
    return date_format(found, "DATE_FORMAT" if len(given) == 10 else "DATETIME_FORMAT") if found else given
