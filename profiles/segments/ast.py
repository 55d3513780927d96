"""The condition tree: what a segment, a branch or an event filter asks. Frozen, hashable, read from JSON with errors
that say where.

What cannot be understood is an error, never left out. While somebody is still editing, `parse(…, unfinished=True)`
reads what is not ready yet as a condition that matches nobody.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

from profiles.segments.operators import OPERATORS, UNITS, Period
from profiles.segments.values import moment, number

MAX_DEPTH: Final = 10
MAX_CONDITIONS: Final = 200
MAX_TEXT: Final = 1_000
MAX_CHOICES: Final = 1_000
MAX_COUNT: Final = 1_000_000
MAX_PERIOD: Final = 10_000
GROUPS: Final = ("all", "any", "none")
COUNTS: Final = ("at_least", "at_most", "exactly")

Scalar = str | int | float
Value = Scalar | tuple[Scalar, ...] | Period | None


class ConditionError(ValueError):
    """A condition that cannot be understood; `path` says where, such as "of[1].where[0].op"."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(f"{path}: {message}" if path else message)


@dataclass(frozen=True, slots=True)
class PropertyFilter:
    """One question about a property."""

    field: str
    op: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """A question about the profile itself."""

    field: str
    op: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many times."""

    op: str
    n: int


@dataclass(frozen=True, slots=True)
class Event:
    """Did something, so many times, within a period up to now. `did` False: the complement of the same with True."""

    event: str
    did: bool = True
    count: Count = Count("at_least", 1)
    within: Period | None = None
    where: tuple[PropertyFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class InSegment:
    """Is (or is not) in another segment."""

    segment: int
    member: bool = True


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Not ready yet: matches nobody."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Group:
    """All, any or none of the conditions inside."""

    type: str
    of: tuple["Condition", ...]


Condition = Group | Attribute | Event | InSegment | Unfinished


def parse(raw: Any, *, unfinished: bool = False) -> Condition:
    """Read a condition. ConditionError: what cannot be understood, and where."""
    return _Reader(unfinished).condition(raw, "", 1)


def parse_where(raw: Any) -> tuple[PropertyFilter, ...]:
    """Read a list of property filters, all of which must hold."""
    return _Reader(False).where(raw, "")


def dump(condition: Condition) -> dict[str, Any]:
    """The canonical JSON of a condition."""
    match condition:
        case Group(type, of):
            return {"type": type, "of": [dump(child) for child in of]}
        case Attribute(field, op, value):
            return {"type": "attribute", "field": field, "op": op} | _dump_value(value)
        case Event(event, did, count, within, where):
            return {
                "type": "event",
                "event": event,
                "did": did,
                "count": {"op": count.op, "n": count.n},
                "within": _dump_period(within) if within else None,
                "where": dump_where(where),
            }
        case InSegment(segment, member):
            return {"type": "segment", "segment": segment, "in": member}
        case Unfinished(path, message):
            raise ConditionError(path, message)


def dump_where(where: Sequence[PropertyFilter]) -> list[dict[str, Any]]:
    """The canonical JSON of property filters."""
    return [{"field": one.field, "op": one.op} | _dump_value(one.value) for one in where]


def canonical(condition: Condition) -> str:
    """Canonical JSON text: equal for equal conditions."""
    return json.dumps(dump(condition), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def leaves(condition: Condition) -> list[Attribute | Event | InSegment | Unfinished]:
    """The questions inside, in reading order."""
    if isinstance(condition, Group):
        return [leaf for child in condition.of for leaf in leaves(child)]
    return [condition]


def segments_in(condition: Condition) -> set[int]:
    """The other segments that are asked about."""
    return {leaf.segment for leaf in leaves(condition) if isinstance(leaf, InSegment)}


def _dump_period(period: Period) -> dict[str, Any]:
    return {"amount": period.amount, "unit": period.unit}


def _dump_value(value: Value) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, Period):
        return {"value": _dump_period(value)}
    return {"value": list(value) if isinstance(value, tuple) else value}


class _Reader:
    """Walks the raw JSON once, counting conditions and keeping the path."""

    def __init__(self, unfinished: bool) -> None:
        self.unfinished = unfinished
        self.seen = 0

    def condition(self, raw: Any, path: str, depth: int) -> Condition:
        self.seen += 1
        if self.seen > MAX_CONDITIONS:
            raise ConditionError(path, _("Use at most %(n)d conditions.") % {"n": MAX_CONDITIONS})
        if depth > MAX_DEPTH:
            raise ConditionError(path, _("Nest groups at most %(n)d deep.") % {"n": MAX_DEPTH})
        if isinstance(raw, Mapping) and raw.get("type") in GROUPS:
            return self.group(raw, path, depth)
        try:
            return self.leaf(raw, path)
        except ConditionError as error:
            if not self.unfinished:
                raise
            return Unfinished(error.path, error.message)

    def group(self, raw: Mapping[str, Any], path: str, depth: int) -> Condition:
        _only(raw, path, "type", "of")
        of = raw.get("of")
        if not isinstance(of, list) or not of:
            message = _("Add at least one condition.")
            if self.unfinished:
                return Unfinished(_at(path, "of"), message)
            raise ConditionError(_at(path, "of"), message)
        children = tuple(self.condition(child, _at(path, f"of[{i}]"), depth + 1) for i, child in enumerate(of))
        if raw["type"] == "none":
            # "None of nothing" would be everybody: what is not ready must not let anybody in.
            for leaf in (leaf for child in children for leaf in leaves(child) if isinstance(leaf, Unfinished)):
                return leaf
        return Group(raw["type"], children)

    def leaf(self, raw: Any, path: str) -> Condition:
        if not isinstance(raw, Mapping):
            raise ConditionError(path, _("Choose a condition."))
        match raw.get("type"):
            case "attribute":
                _only(raw, path, "type", "field", "op", "value")
                return Attribute(*self.question(raw, path))
            case "event":
                return self.event(raw, path)
            case "segment":
                return self.segment(raw, path)
            case other:
                raise ConditionError(_at(path, "type"), _("There is no kind of condition “%s”.") % other)

    def event(self, raw: Mapping[str, Any], path: str) -> Event:
        _only(raw, path, "type", "event", "did", "count", "within", "where")
        return Event(
            _text(raw.get("event"), _at(path, "event"), _("Choose what people do.")),
            _flag(raw.get("did", True), _at(path, "did")),
            _count(raw.get("count"), _at(path, "count")),
            None if raw.get("within") is None else _period(raw["within"], _at(path, "within")),
            self.where(raw.get("where") or [], _at(path, "where")),
        )

    def segment(self, raw: Mapping[str, Any], path: str) -> InSegment:
        _only(raw, path, "type", "segment", "in")
        ident = raw.get("segment")
        if isinstance(ident, bool) or not isinstance(ident, int) or not 0 < ident < 2**63:
            raise ConditionError(_at(path, "segment"), _("Choose a segment."))
        return InSegment(ident, _flag(raw.get("in", True), _at(path, "in")))

    def where(self, raw: Any, path: str) -> tuple[PropertyFilter, ...]:
        if not isinstance(raw, list):
            raise ConditionError(path, _("Give a list of properties."))
        return tuple(self.filter(one, f"{path}[{i}]") for i, one in enumerate(raw))

    def filter(self, raw: Any, path: str) -> PropertyFilter:
        self.seen += 1
        if self.seen > MAX_CONDITIONS:
            raise ConditionError(path, _("Use at most %(n)d conditions.") % {"n": MAX_CONDITIONS})
        if not isinstance(raw, Mapping):
            raise ConditionError(path, _("Choose a property."))
        _only(raw, path, "field", "op", "value")
        return PropertyFilter(*self.question(raw, path))

    def question(self, raw: Mapping[str, Any], path: str) -> tuple[str, str, Value]:
        field = _text(raw.get("field"), _at(path, "field"), _("Choose a property."))
        if not all(field.split(".")):
            raise ConditionError(_at(path, "field"), _("A name between two dots is missing."))
        op = raw.get("op")
        if not isinstance(op, str) or op not in OPERATORS:
            raise ConditionError(_at(path, "op"), _("There is no comparison “%s”.") % op)
        return field, op, _argument(OPERATORS[op].argument, raw.get("value"), _at(path, "value"))


def _at(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _only(raw: Mapping[str, Any], path: str, *known: str) -> None:
    """A member we do not know may be one that should narrow: refuse it."""
    for name in raw:
        if name not in known:
            raise ConditionError(_at(path, str(name)), _("This is not known here."))


def _text(raw: Any, path: str, missing: str) -> str:
    if not isinstance(raw, str) or not raw:
        raise ConditionError(path, missing)
    if len(raw) > MAX_TEXT:
        raise ConditionError(path, _("Use at most %(n)d letters.") % {"n": MAX_TEXT})
    if "\x00" in raw or any("\ud800" <= letter <= "\udfff" for letter in raw):
        raise ConditionError(path, _("This text holds a sign that cannot be stored."))
    return raw


def _flag(raw: Any, path: str) -> bool:
    if not isinstance(raw, bool):
        raise ConditionError(path, _("Say yes or no."))
    return raw


def _whole(raw: Any, path: str, least: int, most: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        raise ConditionError(
            path, _("Give a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}
        )
    return raw


def _count(raw: Any, path: str) -> Count:
    if raw is None:
        return Count("at_least", 1)
    if not isinstance(raw, Mapping):
        raise ConditionError(path, _("Say how many times."))
    _only(raw, path, "op", "n")
    if raw.get("op") not in COUNTS:
        raise ConditionError(_at(path, "op"), _("Choose at least, at most or exactly."))
    return Count(raw["op"], _whole(raw.get("n"), _at(path, "n"), 0, MAX_COUNT))


def _period(raw: Any, path: str) -> Period:
    if not isinstance(raw, Mapping):
        raise ConditionError(path, _("Say how long."))
    _only(raw, path, "amount", "unit")
    if raw.get("unit") not in UNITS:
        raise ConditionError(_at(path, "unit"), _("Choose minutes, hours, days or weeks."))
    return Period(_whole(raw.get("amount"), _at(path, "amount"), 1, MAX_PERIOD), raw["unit"])


def _scalar(raw: Any, path: str) -> Scalar:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _number(raw, path)
    return _text(raw, path, _("Give a value."))


def _number(raw: Any, path: str) -> int | float:
    found = number(raw) if not isinstance(raw, float) or math.isfinite(raw) else None
    if found is None or abs(found) >= 10**30:
        raise ConditionError(path, _("Give a number."))
    return int(found) if found == found.to_integral_value() else float(found)


def _argument(
    kind: Literal["none", "text", "scalar", "scalars", "number", "moment", "period"], raw: Any, path: str
) -> Value:
    match kind:
        case "none":
            if raw is not None:
                raise ConditionError(path, _("This comparison takes no value."))
            return None
        case "text":
            return _text(raw, path, _("Give a value."))
        case "scalar":
            return _scalar(raw, path)
        case "scalars":
            if not isinstance(raw, list) or not raw or len(raw) > MAX_CHOICES:
                raise ConditionError(path, _("Give between 1 and %(n)d values.") % {"n": MAX_CHOICES})
            return tuple(_scalar(one, f"{path}[{i}]") for i, one in enumerate(raw))
        case "number":
            return _number(raw, path)
        case "moment":
            if moment(raw) is None:
                raise ConditionError(path, _("Give a day, such as 2026-03-31."))
            return str(raw)
        case "period":
            return _period(raw, path)
