"""Conditions in words for people: "did “Order Completed” at least 3 times in the last 30 days where total …"."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from profiles.models import Segment
from profiles.segments.ast import (
    Attribute,
    Condition,
    Count,
    Event,
    Group,
    InSegment,
    PropertyFilter,
    Unfinished,
    segments_in,
)
from profiles.segments.operators import OPERATORS, Period
from profiles.segments.values import moment

HAVE: Final = {
    "eq": _lazy("have %(field)s %(value)s"),
    "ne": _lazy("do not have %(field)s %(value)s"),
    "one_of": _lazy("have %(field)s %(value)s"),
    "contains": _lazy("have %(field)s containing %(value)s"),
    "not_contains": _lazy("do not have %(field)s containing %(value)s"),
    "starts_with": _lazy("have %(field)s starting with %(value)s"),
    "ends_with": _lazy("have %(field)s ending with %(value)s"),
    "gt": _lazy("have %(field)s above %(value)s"),
    "gte": _lazy("have %(field)s of at least %(value)s"),
    "lt": _lazy("have %(field)s below %(value)s"),
    "lte": _lazy("have %(field)s of at most %(value)s"),
    "is_set": _lazy("have a known %(field)s"),
    "is_not_set": _lazy("have no known %(field)s"),
    "is_true": _lazy("have %(field)s set to yes"),
    "is_false": _lazy("have %(field)s set to no"),
    "before": _lazy("have %(field)s before %(value)s"),
    "after": _lazy("have %(field)s after %(value)s"),
    "in_last": _lazy("have %(field)s in the last %(value)s"),
    "not_in_last": _lazy("do not have %(field)s in the last %(value)s"),
}


def in_words(condition: Condition) -> str:
    """The whole condition as one phrase that follows "people who"."""
    names = dict(Segment.objects.filter(pk__in=segments_in(condition)).values_list("pk", "name"))
    return _words(condition, names, outermost=True)


def describe_where(where: Sequence[PropertyFilter]) -> str:
    """Property filters as "total is more than 50 and currency is EUR"; empty without any."""
    return _(" and ").join(_question(one.field, one.op, one.value) for one in where)


def label(field: str) -> str:
    """A field's name as people say it: "first_name" is "first name"."""
    return field.replace("_", " ")


def _words(condition: Condition, names: dict[int, str], *, outermost: bool = False) -> str:
    match condition:
        case Attribute(field, op, value):
            return " ".join((HAVE[op] % {"field": label(field), "value": _value(value)}).split())
        case Event():
            return _event(condition)
        case InSegment(segment, member):
            name = names.get(segment) or _("a segment that no longer exists")
            return (_("are in “%s”") if member else _("are not in “%s”")) % name
        case Unfinished(_path, message):
            return _("(not finished: %s)") % message
        case Group(type, of):
            parts = [_words(child, names) for child in of]
            joined = (_(" and ") if type == "all" else _(" or ")).join(parts)
            if type == "none":
                return _("do not match: (%s)") % joined
            return joined if outermost or len(parts) == 1 else f"({joined})"


def _event(event: Event) -> str:
    if not event.did and event.count == Count("at_least", 1):
        words = _("did not do “%s”") % event.event
    else:
        words = (_("did “%(event)s” %(count)s") if event.did else _("did not do “%(event)s” %(count)s")) % {
            "event": event.event,
            "count": _count(event.count),
        }
    if event.within:
        words += " " + _("in the last %s") % _period(event.within)
    if event.where:
        words += " " + _("where %s") % describe_where(event.where)
    return " ".join(words.split())


def _count(count: Count) -> str:
    if count == Count("at_least", 1):
        return ""
    times = ngettext("%(n)s time", "%(n)s times", count.n) % {"n": number_format(count.n)}
    texts = {"at_least": _("at least %s"), "at_most": _("at most %s"), "exactly": _("exactly %s")}
    return texts[count.op] % times


def _question(field: str, op: str, value: Any) -> str:
    return " ".join(part for part in (label(field), str(OPERATORS[op].label), _value(value)) if part)


def _value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Period):
        return _period(value)
    if isinstance(value, tuple):
        return _(" or ").join(_value(one) for one in value)
    if isinstance(value, int | float):
        return number_format(value)
    if (day := moment(value)) is not None:
        return date_format(day, "DATE_FORMAT") if len(value) == 10 else date_format(day, "DATETIME_FORMAT")
    return str(value)


def _period(period: Period) -> str:
    texts = {
        "minutes": ngettext("%(n)s minute", "%(n)s minutes", period.amount),
        "hours": ngettext("%(n)s hour", "%(n)s hours", period.amount),
        "days": ngettext("%(n)s day", "%(n)s days", period.amount),
        "weeks": ngettext("%(n)s week", "%(n)s weeks", period.amount),
    }
    return texts[period.unit] % {"n": number_format(period.amount)}
