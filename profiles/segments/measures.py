"""Figures made of one property of several events: a sum, an average, the smallest, the largest, how many different."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from profiles.segments.fragment import Fragment, sql
from profiles.segments.history import Done
from profiles.segments.number_operators import SIGNS
from profiles.segments.reading import ConditionError, at, one_of, only, plain_number, text
from profiles.segments.values import at_path, number, sql_json, sql_number

MEASURE_LABELS: Final[dict[str, str | Promise]] = {
    "sum": gettext_lazy("sum of"),
    "average": gettext_lazy("average of"),
    "minimum": gettext_lazy("smallest"),
    "maximum": gettext_lazy("largest"),
    "distinct": gettext_lazy("number of different"),
}
PROPERTIES: Final = Fragment("e.properties")
EXACT: Final = Context(prec=1000)  # sums are as exact as PostgreSQL's


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure made of one property of the events: sum of total is more than 500."""

    of: str
    field: str
    op: str
    value: int | float


def read_measure(raw: Any, path: str) -> Measure:
    if not isinstance(raw, Mapping):
        raise ConditionError(path, _("Say which figure."))
    only(raw, path, "of", "field", "op", "value")
    of = one_of(raw.get("of"), at(path, "of"), tuple(MEASURE_LABELS), _("Choose which figure."))
    field = text(raw.get("field"), at(path, "field"), _("Choose a property."))
    if not all(field.split(".")):
        raise ConditionError(at(path, "field"), _("A name between two dots is missing."))
    op = one_of(raw.get("op"), at(path, "op"), tuple(SIGNS), _("Choose more, less or equal."))
    return Measure(of, field, op, plain_number(raw.get("value"), at(path, "value")))


def zero_passes(measure: Measure) -> bool:
    """Whether nothing at all passes: a sum of 0 is less than 500."""
    return measure.of in ("sum", "distinct") and SIGNS[measure.op][1](Decimal(0), number(measure.value))


def measured(measure: Measure, events: Sequence[Done]) -> bool:
    """Whether the figure of these events passes. Averages are compared as sums, which are exact."""
    values = [found for one in events if (found := number(at_path(one.properties, measure.field))) is not None]
    passes, limit = SIGNS[measure.op][1], number(measure.value)
    match measure.of:
        case "distinct":
            return passes(len(_different(measure, events)), limit)
        case "sum":
            return passes(_sum(values), limit)
        case "average":
            return bool(values) and passes(_sum(values), EXACT.multiply(limit or Decimal(0), Decimal(len(values))))
        case "minimum":
            return bool(values) and passes(min(values), limit)
        case _:
            return bool(values) and passes(max(values), limit)


def figure(measure: Measure, events: Sequence[Done]) -> Decimal | int | None:
    values = [found for one in events if (found := number(at_path(one.properties, measure.field))) is not None]
    if measure.of == "distinct":
        return len(_different(measure, events))
    if measure.of == "sum":
        return _sum(values)
    if not values:
        return None
    return {"average": _sum(values) / len(values), "minimum": min(values), "maximum": max(values)}[measure.of]


def _different(measure: Measure, events: Sequence[Done]) -> set[Any]:
    """Different texts, numbers and yes-or-no values; a number is told from the text that reads like it."""
    found: set[Any] = set()
    for one in events:
        value = at_path(one.properties, measure.field)
        if isinstance(value, bool | str) and value != "":
            found.add((type(value), value))
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            found.add((Decimal, number(value)))
    return found


def _sum(values: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = EXACT.add(total, value)
    return total


def measured_sql(measure: Measure) -> Fragment:
    sign, limit = SIGNS[measure.op][0], number(measure.value)
    if measure.of == "distinct":
        value = sql_json(PROPERTIES, measure.field)
        return sql(
            "count(DISTINCT {}) FILTER (WHERE jsonb_typeof({}) IN ('string', 'number', 'boolean')"
            " AND {} <> '\"\"'::jsonb) " + sign + " {}::numeric",
            *(value, value, value, limit),
        )
    value = sql_number(PROPERTIES, measure.field)
    match measure.of:
        case "sum":
            return sql("COALESCE(sum({}), 0) " + sign + " {}::numeric", value, limit)
        case "average":
            return sql("sum({}) " + sign + " {}::numeric * count({})", value, limit, value)
        case "minimum":
            return sql("min({}) " + sign + " {}::numeric", value, limit)
        case _:
            return sql("max({}) " + sign + " {}::numeric", value, limit)
