"""Conditions in plain Python, for a batch of profiles whose facts are loaded together.

The number of statements is the same for one condition and for a hundred, for one profile and for a thousand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from profiles.segments.ast import Condition, Group, Off, Unfinished, lost, questions
from profiles.segments.calendar import carried
from profiles.segments.history import rows
from profiles.segments.kind import Kind
from profiles.segments.values import loads


@dataclass(slots=True)
class Facts:
    """All that the conditions may ask about some profiles. Merged and unknown profiles have none and match nothing."""

    now: datetime
    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    by_kind: dict[type[Kind], Any] = field(default_factory=dict)
    lost: Mapping[Kind, str] = field(default_factory=dict)
    fine: dict[Condition, bool] = field(default_factory=dict)


def matches(conditions: Sequence[Condition], profile_ids: Sequence[int], now: datetime) -> dict[Condition, set[int]]:
    """Who of the profiles matches each condition."""
    facts = load(conditions, profile_ids, now)
    return {c: {ident for ident in facts.people if holds_for(c, ident, facts)} for c in conditions}


def load(conditions: Sequence[Condition], profile_ids: Sequence[int], now: datetime) -> Facts:
    """The facts that the conditions ask for: a constant number of statements for each kind of question."""
    facts = Facts(carried(conditions, now))
    facts.lost = lost(conditions)
    facts.people = {ident: loads(raw) for ident, raw in rows("attributes", {"profiles": sorted(set(profile_ids))})}
    if facts.people:
        asked = questions(conditions)
        facts.by_kind = {kind: kind.load(listed, facts.people, facts.now) for kind, listed in asked.items()}
    return facts


def holds_for(condition: Condition, profile_id: int, facts: Facts) -> bool:
    """Whether one profile matches. Nobody does, where something that is asked about cannot be asked."""
    if profile_id not in facts.people:
        return False
    if facts.lost and lost_in(condition, facts):
        return False
    return _holds(condition, profile_id, facts)


def lost_in(condition: Condition, facts: Facts) -> bool:
    """Whether a question of the condition cannot be asked."""
    if condition not in facts.fine:
        asked = questions([condition])
        facts.fine[condition] = not any(leaf in facts.lost for listed in asked.values() for leaf in listed)
    return not facts.fine[condition]


def _holds(condition: Condition, ident: int, facts: Facts) -> bool:
    match condition:
        case Unfinished() | Off() | Group(on=()):
            return False
        case Group(type, _of, n):
            answers = (_holds(child, ident, facts) for child in condition.on)
            if type == "all":
                return all(answers)
            if type == "at_least":
                return sum(answers) >= n
            return any(answers) is (type == "any")
        case _:
            return condition.holds(ident, facts.by_kind[type_of(condition)], facts.now)


def type_of(condition: Kind) -> type[Kind]:
    """The kind of a question."""
    return condition.__class__
