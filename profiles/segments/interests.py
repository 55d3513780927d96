"""What data can change a condition's answer: the (kind, key) pairs of the change outbox."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from profiles.segments.ast import Attribute, Condition, Event, Group, InSegment, PropertyFilter, leaves
from profiles.segments.operators import OPERATORS, holds

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def interests(condition: Condition) -> set[tuple[str, str]]:
    """A merge moves everything, and somebody new may match by having done nothing: the last two are always there."""
    found = {("merged", ""), ("created", "")} if matches_blank(condition) else {("merged", "")}
    for leaf in leaves(condition):
        match leaf:
            case Attribute(field):
                found.add(("attribute", field.split(".")[0]))
            case Event(event):
                found.add(("event", event))
            case InSegment(segment):
                found |= {("entered", str(segment)), ("exited", str(segment))}
    return found


def matches_blank(condition: Condition) -> bool:
    """Whether somebody of whom nothing is known matches."""
    match condition:
        case Group("all", of):
            return all(matches_blank(child) for child in of)
        case Group("any", of):
            return any(matches_blank(child) for child in of)
        case Group(_, of):
            return not any(matches_blank(child) for child in of)
        case Attribute(field, op, value):
            return holds(op, {}, field, value, EPOCH)
        case Event(_, did, count):
            return did is (count.op == "at_most" or count.n == 0)
        case InSegment(_, member):
            return not member
        case _:
            return False


def moving_filters(where: Iterable[PropertyFilter]) -> list[PropertyFilter]:
    """Those whose answer can change with the clock alone."""
    return [one for one in where if OPERATORS[one.op].moves]


def moves(condition: Condition) -> bool:
    """Whether the answer can change with the clock alone."""
    return any(
        (isinstance(leaf, Event) and bool(leaf.within or moving_filters(leaf.where)))
        or (isinstance(leaf, Attribute) and OPERATORS[leaf.op].moves)
        for leaf in leaves(condition)
    )
