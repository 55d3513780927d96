"""The condition tree: what a segment, a branch or an event filter asks. Frozen, hashable, read from JSON with errors
that say where.

Questions are of a kind (see `kinds`); here is how they are put together. What cannot be understood is an error, never
left out. While somebody is still editing, `parse(…, unfinished=True)` reads what is not ready yet as a condition that
matches nobody.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from omnichannel.shared import autoload
from profiles.segments.filters import PropertyFilter, dump_where, read_where
from profiles.segments.kind import KINDS, Kind
from profiles.segments.kinds.segment import InSegment
from profiles.segments.reading import ConditionError, at, only, whole

__all__ = ["Condition", "ConditionError", "Group", "Off", "Unfinished", "dump", "dump_where", "parse", "parse_where"]

MAX_DEPTH: Final = 10
MAX_CONDITIONS: Final = 200
GROUPS: Final = ("all", "any", "none", "at_least")

autoload.load_all("profiles.segments.kinds")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Not ready yet: matches nobody."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Off:
    """Switched off for a moment: kept, and not asked."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class Group:
    """All, any, none or at least `n` of the conditions inside."""

    type: str
    of: tuple["Condition", ...]
    n: int = 0

    @property
    def on(self) -> tuple["Condition", ...]:
        """Those that are not switched off. A group without any matches nobody."""
        return tuple(child for child in self.of if not isinstance(child, Off))


Condition = Group | Kind | Off | Unfinished


def parse(raw: Any, *, unfinished: bool = False) -> Condition:
    """Read a condition. ConditionError: what cannot be understood, and where."""
    return _Reader(unfinished).condition(raw, "", 1)


def parse_where(raw: Any) -> tuple[PropertyFilter, ...]:
    """Read a list of property filters, all of which must hold."""
    filters = tuple(read_where(raw, ""))
    if len(filters) > MAX_CONDITIONS:
        raise ConditionError("", _("Use at most %(n)d conditions.") % {"n": MAX_CONDITIONS})
    return filters


def dump(condition: Condition) -> dict[str, Any]:
    """The canonical JSON of a condition."""
    match condition:
        case Group(type, of, n):
            least = {"n": n} if type == "at_least" else {}
            return {"type": type, **least, "of": [dump(child) for child in of]}
        case Off(inside):
            return dump(inside) | {"off": True}
        case Unfinished(path, message):
            raise ConditionError(path, message)
        case _:
            return condition.dump()


def canonical(condition: Condition) -> str:
    """Canonical JSON text: equal for equal conditions."""
    return json.dumps(dump(condition), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def leaves(condition: Condition) -> list[Kind | Unfinished]:
    """The questions that are asked, in reading order."""
    match condition:
        case Group():
            return [leaf for child in condition.on for leaf in leaves(child)]
        case Off():
            return []
        case _:
            return [condition]


def questions(conditions: Sequence[Condition]) -> dict[type[Kind], list[Any]]:
    """The different questions of some conditions, by kind."""
    found: dict[type[Kind], dict[Kind, None]] = defaultdict(dict)
    for condition in conditions:
        for leaf in leaves(condition):
            if isinstance(leaf, Kind):
                found[type(leaf)][leaf] = None
    return {kind: list(asked) for kind, asked in found.items()}


def lost(conditions: Sequence[Condition]) -> dict[Kind, str]:
    """Questions that cannot be asked, and why. A condition with one of them matches nobody."""
    return {leaf: why for kind, asked in questions(conditions).items() for leaf, why in kind.lost(asked).items()}


def uses_days(condition: Condition) -> bool:
    """Whether calendar days count."""
    return any(isinstance(leaf, Kind) and leaf.days for leaf in leaves(condition))


def segments_in(condition: Condition) -> set[int]:
    """The other segments that are asked about."""
    return {leaf.segment for leaf in leaves(condition) if isinstance(leaf, InSegment)}


class TooMuchError(ConditionError):
    """More than anybody can mean: refused also while somebody edits."""


class _Reader:
    """Walks the raw JSON once, counting conditions and keeping the path."""

    def __init__(self, unfinished: bool) -> None:
        self.unfinished = unfinished
        self.seen = 0

    def condition(self, raw: Any, path: str, depth: int) -> Condition:
        self._count(path, 1)
        if depth > MAX_DEPTH:
            raise TooMuchError(path, _("Nest groups at most %(n)d deep.") % {"n": MAX_DEPTH})
        if isinstance(raw, Mapping) and "off" in raw:
            if not isinstance(raw["off"], bool):
                raise ConditionError(at(path, "off"), _("Say yes or no."))
            inside = {name: value for name, value in raw.items() if name != "off"}
            self.seen -= 1
            read = self.condition(inside, path, depth)
            return Off(read) if raw["off"] else read
        try:
            if isinstance(raw, Mapping) and raw.get("type") in GROUPS:
                return self.group(raw, path, depth)
            return self.leaf(raw, path)
        except ConditionError as error:
            if not self.unfinished or isinstance(error, TooMuchError):
                raise
            return Unfinished(error.path, error.message)

    def group(self, raw: Mapping[str, Any], path: str, depth: int) -> Condition:
        least = raw["type"] == "at_least"
        only(raw, path, "type", "of", *(("n",) if least else ()))
        of = raw.get("of")
        if not isinstance(of, list) or not of:
            raise ConditionError(at(path, "of"), _("Add at least one condition."))
        children = tuple(self.condition(child, at(path, f"of[{i}]"), depth + 1) for i, child in enumerate(of))
        group = Group(raw["type"], children, whole(raw.get("n"), at(path, "n"), 1, len(of)) if least else 0)
        if raw["type"] == "none":
            # "None of nothing" would be everybody: what is not ready must not let anybody in.
            for leaf in leaves(group):
                if isinstance(leaf, Unfinished):
                    return leaf
        return group

    def leaf(self, raw: Any, path: str) -> Condition:
        if not isinstance(raw, Mapping):
            raise ConditionError(path, _("Choose a condition."))
        type = raw.get("type")
        if not isinstance(type, str) or type not in KINDS:
            raise ConditionError(at(path, "type"), _("There is no kind of condition “%s”.") % type)
        inner = [raw.get("where"), *(step.get("where") for step in _listed(raw.get("steps")))]
        self._count(path, sum(len(_listed(where)) for where in inner))
        return KINDS[type].read(raw, path)

    def _count(self, path: str, more: int) -> None:
        self.seen += more
        if self.seen > MAX_CONDITIONS:
            raise TooMuchError(path, _("Use at most %(n)d conditions.") % {"n": MAX_CONDITIONS})


def _listed(raw: Any) -> list[Any]:
    return [one for one in raw if isinstance(one, Mapping)] if isinstance(raw, list) else []
