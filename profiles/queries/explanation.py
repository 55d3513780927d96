"""Why somebody matches a condition or does not: each question with its answer and what was found for this person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from profiles.segments import ast, evaluate
from profiles.segments.describe import Names, words
from profiles.segments.kind import Kind


@dataclass(frozen=True, slots=True)
class Line:
    """One question or group. `holds` is None where nothing was asked."""

    depth: int
    words: str
    holds: bool | None
    found: str = ""
    group: bool = False


def explained(condition: ast.Condition, profile_id: int, now: datetime) -> list[Line]:
    """Lines in reading order; the outermost group comes first."""
    facts = evaluate.load([condition], [profile_id], now)
    if profile_id not in facts.people:
        return []
    names = {kind: kind.names(asked) for kind, asked in ast.questions([condition]).items()}
    return list(_lines(condition, profile_id, facts, names, 0))


def _lines(condition: ast.Condition, ident: int, facts: evaluate.Facts, names: Names, depth: int) -> Iterator[Line]:
    match condition:
        case ast.Group():
            yield Line(depth, _together(condition), evaluate.holds_for(condition, ident, facts), group=True)
            for child in condition.of:
                yield from _lines(child, ident, facts, names, depth + 1)
        case ast.Off(inside):
            yield Line(depth, words(inside, names), None, _("switched off"))
        case ast.Unfinished(_path, message):
            yield Line(depth, _("Not finished"), None, message)
        case Kind():
            lost = facts.lost.get(condition)
            found = lost or condition.found(ident, facts.by_kind[type(condition)], facts.now)
            yield Line(depth, words(condition, names), evaluate.holds_for(condition, ident, facts), found)


def _together(group: ast.Group) -> str:
    texts = {"all": _("All of these"), "any": _("Any of these"), "none": _("None of these")}
    return texts.get(group.type) or _("At least %(n)d of these") % {"n": group.n}
