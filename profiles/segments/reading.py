"""Reading conditions from JSON: small readers for the parts, with errors that say where.

What cannot be understood is an error, never left out: a member nobody knows may be one that should narrow.
"""

import math
from collections.abc import Mapping
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

from profiles.segments.periods import UNITS, Period
from profiles.segments.values import moment, number

MAX_TEXT: Final = 1_000
MAX_CHOICES: Final = 1_000
MAX_PERIOD: Final = 10_000

Scalar = str | int | float
Value = Scalar | tuple[Scalar, ...] | Period | None
Argument = Literal[
    "none", "text", "scalar", "scalars", "number", "numbers", "moment", "day", "days", "period", "days_period"
]


class ConditionError(ValueError):
    """A condition that cannot be understood; `path` says where, such as "of[1].where[0].op"."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        self.message = message
        super().__init__(f"{path}: {message}" if path else message)


def at(path: str, step: str) -> str:
    """The path one step further."""
    return f"{path}.{step}" if path else step


def only(raw: Mapping[str, Any], path: str, *known: str) -> None:
    """Refuse members that are not known."""
    for name in raw:
        if name not in known:
            raise ConditionError(at(path, str(name)), _("This is not known here."))


def text(raw: Any, path: str, missing: str) -> str:
    """Text that can be stored; `missing` is said when there is none."""
    if not isinstance(raw, str) or not raw:
        raise ConditionError(path, missing)
    if len(raw) > MAX_TEXT:
        raise ConditionError(path, _("Use at most %(n)d letters.") % {"n": MAX_TEXT})
    if "\x00" in raw or any("\ud800" <= letter <= "\udfff" for letter in raw):
        raise ConditionError(path, _("This text holds a sign that cannot be stored."))
    return raw


def flag(raw: Any, path: str) -> bool:
    """Yes or no."""
    if not isinstance(raw, bool):
        raise ConditionError(path, _("Say yes or no."))
    return raw


def whole(raw: Any, path: str, least: int, most: int) -> int:
    """A whole number within limits."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        raise ConditionError(
            path, _("Give a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}
        )
    return raw


def ident(raw: Any, path: str, missing: str) -> int:
    """The id of a row."""
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 < raw < 2**63:
        raise ConditionError(path, missing)
    return raw


def one_of(raw: Any, path: str, choices: tuple[str, ...], missing: str) -> str:
    """One of a few words."""
    if not isinstance(raw, str) or raw not in choices:
        raise ConditionError(path, missing)
    return raw


def period(raw: Any, path: str, units: tuple[str, ...] = tuple(UNITS)) -> Period:
    """A length of time."""
    if not isinstance(raw, Mapping):
        raise ConditionError(path, _("Say how long."))
    only(raw, path, "amount", "unit")
    unit = one_of(raw.get("unit"), at(path, "unit"), units, _("Choose minutes, hours, days or weeks."))
    return Period(whole(raw.get("amount"), at(path, "amount"), 1, MAX_PERIOD), unit)


def scalar(raw: Any, path: str) -> Scalar:
    """A text or a number."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return plain_number(raw, path)
    return text(raw, path, _("Give a value."))


def plain_number(raw: Any, path: str) -> int | float:
    """A number of a size that can be compared."""
    found = number(raw) if not isinstance(raw, float) or math.isfinite(raw) else None
    if found is None or abs(found) >= 10**30:
        raise ConditionError(path, _("Give a number."))
    return int(found) if found == found.to_integral_value() else float(found)


def day_or_moment(raw: Any, path: str) -> str:
    """A day, or a moment of one."""
    if moment(raw) is None:
        raise ConditionError(path, _("Give a day, such as 2026-03-31."))
    return str(raw)


def day(raw: Any, path: str) -> str:
    """A whole day."""
    if moment(raw) is None or len(raw) != 10:
        raise ConditionError(path, _("Give a day, such as 2026-03-31."))
    return str(raw)


def argument(kind: Argument, raw: Any, path: str) -> Value:  # noqa: C901 - a plain list of cases
    """The value an operator takes."""
    match kind:
        case "none":
            if raw is not None:
                raise ConditionError(path, _("This comparison takes no value."))
            return None
        case "text":
            return text(raw, path, _("Give a value."))
        case "scalar":
            return scalar(raw, path)
        case "scalars":
            if not isinstance(raw, list) or not raw or len(raw) > MAX_CHOICES:
                raise ConditionError(path, _("Give between 1 and %(n)d values.") % {"n": MAX_CHOICES})
            return tuple(scalar(one, f"{path}[{i}]") for i, one in enumerate(raw))
        case "number":
            return plain_number(raw, path)
        case "numbers":
            least, most = (plain_number(one, f"{path}[{i}]") for i, one in enumerate(_two(raw, path)))
            return least, most
        case "moment":
            return day_or_moment(raw, path)
        case "day":
            return day(raw, path)
        case "days":
            first, last = (day(one, f"{path}[{i}]") for i, one in enumerate(_two(raw, path)))
            return first, last
        case "period":
            return period(raw, path)
        case "days_period":
            return _days_period(raw, path)


def _two(raw: Any, path: str) -> list[Any]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise ConditionError(path, _("Give two values: from and to."))
    return raw


def _days_period(raw: Any, path: str) -> Period:
    found = period(raw, path, ("days", "weeks"))
    if found.length.days > 365:
        raise ConditionError(at(path, "amount"), _("Use at most a year."))
    return found


def dump_value(value: Value) -> dict[str, Any]:
    """An operator's value in JSON."""
    if value is None:
        return {}
    if isinstance(value, Period):
        return {"value": value.dump()}
    return {"value": list(value) if isinstance(value, tuple) else value}
