"""What can change a condition's answer: data, as (kind, key) pairs of the change outbox, and the clock."""

from profiles.segments.ast import Condition, Group, Off, Unfinished, leaves
from profiles.segments.kind import Kind


def interests(condition: Condition) -> set[tuple[str, str]]:
    """A merge moves everything, and somebody new may match by having done nothing."""
    found = {("merged", ""), ("unmerged", "")} | ({("created", "")} if matches_blank(condition) else set())
    for leaf in leaves(condition):
        if isinstance(leaf, Kind):
            found |= leaf.interests()
    return found


def matches_blank(condition: Condition) -> bool:
    """Whether somebody of whom nothing is known matches."""
    match condition:
        case Unfinished() | Off() | Group(on=()):
            return False
        case Group(type, _of, n):
            answers = [matches_blank(child) for child in condition.on]
            if type == "all":
                return all(answers)
            return sum(answers) >= n if type == "at_least" else any(answers) is (type == "any")
        case _:
            return condition.blank()


def moves(condition: Condition) -> bool:
    """Whether the answer can change with the clock alone."""
    return any(isinstance(leaf, Kind) and leaf.moves for leaf in leaves(condition))
