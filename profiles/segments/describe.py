"""Conditions in words for people: "did “Order Completed” at least 3 times in the last 30 days where total …"."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from profiles.segments.ast import Condition, Group, Off, Unfinished, questions
from profiles.segments.filters import describe_where, label
from profiles.segments.kind import Kind

__all__ = ["describe_where", "in_words", "label"]

Names = Mapping[type[Kind], Mapping[int, str]]


def in_words(condition: Condition) -> str:
    """The whole condition as one phrase that follows "people who"."""
    names = {kind: kind.names(asked) for kind, asked in questions([condition]).items()}
    return words(condition, names, outermost=True)


def words(condition: Condition, names: Names, *, outermost: bool = False) -> str:
    """The same, with the names at hand."""
    match condition:
        case Off():
            return _("(switched off)")
        case Unfinished(_path, message):
            return _("(not finished: %s)") % message
        case Group(on=()):
            return _("(nothing is asked)")
        case Group(type, _of, n):
            parts = [words(child, names) for child in condition.on]
            if type == "at_least":
                return _("match at least %(n)d of: (%(parts)s)") % {"n": n, "parts": "; ".join(parts)}
            joined = (_(" and ") if type == "all" else _(" or ")).join(parts)
            if type == "none":
                return _("do not match: (%s)") % joined
            return joined if outermost or len(parts) == 1 else f"({joined})"
        case _:
            return condition.words(names.get(condition.__class__, {}))
