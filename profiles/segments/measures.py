"""Figures made of one property of several events: a sum, an average, the smallest, the largest, how many different."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from profiles.segments.values import at_path, number, reader, sql_json, sql_number

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


def measured(measure: Measure) -> Callable[[Sequence[Done]], bool]:
    """The question whether the figure of some events passes. Averages are compared as sums, which are exact."""
    passes, limit = SIGNS[measure.op][1], number(measure.value) or Decimal(0)
    if measure.of == "distinct":
        return lambda events: passes(len(_different(measure, events)), limit)
    values = _values(measure)
    match measure.of:
        case "sum":
            return lambda events: passes(_sum(values(events)), limit)
        case "average":
            return lambda events: (
                bool(of := values(events)) and passes(_sum(of), EXACT.multiply(limit, Decimal(len(of))))
            )
        case "minimum":
            return lambda events: bool(of := values(events)) and passes(min(of), limit)
        case _:
            return lambda events: bool(of := values(events)) and passes(max(of), limit)


def _values(measure: Measure) -> Callable[[Iterable[Done]], list[Decimal]]:
    read = reader(measure.field)
    return lambda events: [found for one in events if (found := number(read(one.properties))) is not None]


def figure(measure: Measure, events: Sequence[Done]) -> Decimal | int | None:
    if measure.of == "distinct":
        return len(_different(measure, events))
    values = _values(measure)(events)
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


def value_sql(measure: Measure) -> Fragment:
    """The value of one event `e`."""
    return (sql_json if measure.of == "distinct" else sql_number)(PROPERTIES, measure.field)


def measured_sql(measure: Measure) -> Fragment:
    """Whether the figure of the values `e.value` passes."""
    figure = {
        "distinct": "count(DISTINCT e.value) FILTER (WHERE jsonb_typeof(e.value) IN ('string', 'number', 'boolean')"
        " AND e.value <> '\"\"'::jsonb) {} {}::numeric",
        "sum": "COALESCE(sum(e.value), 0) {} {}::numeric",
        "average": "sum(e.value) {} {}::numeric * count(e.value)",
        "minimum": "min(e.value) {} {}::numeric",
        "maximum": "max(e.value) {} {}::numeric",
    }
    return sql(figure[measure.of], Fragment(SIGNS[measure.op][0]), number(measure.value))
