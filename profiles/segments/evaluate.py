"""Conditions in plain Python, for a batch of profiles whose facts are loaded together.

The number of statements is the same for one condition and for a hundred, for one profile and for a thousand.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
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
    answers: dict[Kind, tuple[set[int], set[int]]] = field(default_factory=dict)  # who was asked, who said yes


def matches(conditions: Sequence[Condition], profile_ids: Sequence[int], now: datetime) -> dict[Condition, set[int]]:
    """Who of the profiles matches each condition."""
    facts = load(conditions, profile_ids, now)
    return {c: among(c, facts.people, facts) for c in conditions}


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
    """Whether one profile matches."""
    return bool(among(condition, (profile_id,), facts))


def among(condition: Condition, profile_ids: Iterable[int], facts: Facts) -> set[int]:
    """Who of the profiles matches. Nobody does, where something that is asked about cannot be asked."""
    if facts.lost and lost_in(condition, facts):
        return set()
    return _among(condition, facts.people.keys() & profile_ids, facts)


def lost_in(condition: Condition, facts: Facts) -> bool:
    """Whether a question of the condition cannot be asked."""
    if condition not in facts.fine:
        asked = questions([condition])
        facts.fine[condition] = not any(leaf in facts.lost for listed in asked.values() for leaf in listed)
    return not facts.fine[condition]


def _among(condition: Condition, people: set[int], facts: Facts) -> set[int]:
    """Each question is asked only of those on whom the answer still depends, and of nobody twice."""
    match condition:
        case Unfinished() | Off():
            return set()
        case Group(type, _of, n):
            on = condition.on
            if not on or not people:
                return set()
            if type == "all":
                for child in on:
                    people = _among(child, people, facts)
                return people
            if type == "at_least":
                return _at_least(n, on, people, facts)
            rest = people
            for child in on:
                rest = rest - _among(child, rest, facts)
            return rest if type == "none" else people - rest
        case _:
            return _answers(condition, people, facts)


def _at_least(n: int, on: Sequence[Condition], people: set[int], facts: Facts) -> set[int]:
    times = Counter(one for child in on for one in _among(child, people, facts))
    return {one for one in people if times[one] >= n}


def _answers(question: Kind, people: set[int], facts: Facts) -> set[int]:
    asked, yes = facts.answers.setdefault(question, (set(), set()))
    if new := people - asked:
        yes |= question.among(new, facts.by_kind[type_of(question)], facts.now)
        asked |= new
    return people & yes


def type_of(condition: Kind) -> type[Kind]:
    """The kind of a question."""
    return condition.__class__
