"""Answers as SQL, and how they are joined: tests of a profile row `p`, and sets of profile ids.

Tests that stand side by side become one scan of the profiles. "Not" is kept as a flag as long as possible, so that a
complement is taken once, at the end, within all profiles that are not merged away. Merged profiles hold no events and
no memberships, so sets of those need no join to the profiles. Sets may name somebody twice, because joining them finds
that out anyway: only a set that stands alone is asked for each once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from profiles.segments.fragment import Fragment, join, sql

EVERYBODY: Final = Fragment("SELECT p.id FROM profiles_profile p WHERE p.merged_into_id IS NULL")
NOBODY: Final = Fragment("SELECT p.id FROM profiles_profile p WHERE FALSE")
ATTRIBUTES: Final = Fragment("p.attributes")


@dataclass(frozen=True, slots=True)
class Test:
    """A question one profile row answers by itself."""

    sql: Fragment


@dataclass(frozen=True, slots=True)
class Set:
    """A SELECT of profile ids (as `id`), or, negated, everybody else. `repeats`: it may name somebody twice."""

    sql: Fragment
    negated: bool = False
    repeats: bool = False


Answer = Test | Set


def complement(part: Answer) -> Answer:
    """Everybody else."""
    if isinstance(part, Test):
        return Test(sql("({}) IS NOT TRUE", part.sql))
    return replace(part, negated=not part.negated)


def intersection(parts: Sequence[Answer]) -> Answer:
    """What is negated is taken away from the rest, or, when there is no rest, becomes one negated union."""
    tests, wanted, unwanted = _sorted(parts)
    if not wanted and not unwanted:
        return Test(join("AND", tests))
    if not wanted and not tests:
        return complement(_joined("UNION ALL", unwanted))
    return _without(_joined("INTERSECT", ([_profiles(join("AND", tests))] if tests else []) + wanted), unwanted)


def union(parts: Sequence[Answer]) -> Answer:
    """With something negated among them, whoever is left out is found instead, and the result is negated."""
    tests, wanted, unwanted = _sorted(parts)
    if not wanted and not unwanted:
        return Test(join("OR", tests))
    wanted = ([_profiles(join("OR", tests))] if tests else []) + wanted
    if not unwanted:
        return _joined("UNION ALL", wanted)
    return complement(_without(_joined("INTERSECT", unwanted), wanted))


def at_least(n: int, parts: Sequence[Answer]) -> Answer:
    """In at least `n` of them."""
    if n > len(parts):
        return Test(Fragment("FALSE"))
    if n == len(parts):
        return intersection(parts)
    if n == 1:
        return union(parts)
    tests = [part.sql for part in parts if isinstance(part, Test)]
    if len(tests) == len(parts):
        return Test(sql("{} >= {}", join("+", [sql("(({}) IS TRUE)::int", test) for test in tests]), n))
    every = join("UNION ALL", [positive(part) for part in parts])
    return Set(sql("SELECT n.id FROM ({}) n GROUP BY n.id HAVING count(*) >= {}", every, n))


def positive(part: Answer) -> Fragment:
    """A SELECT of the ids of those who are in, each once."""
    if isinstance(part, Test):
        return _profiles(part.sql).sql
    if part.negated:
        return sql("({}) EXCEPT ({})", EVERYBODY, part.sql)
    return sql("SELECT DISTINCT s.id FROM ({}) s", part.sql) if part.repeats else part.sql


def _sorted(parts: Sequence[Answer]) -> tuple[list[Fragment], list[Set], list[Set]]:
    tests = [part.sql for part in parts if isinstance(part, Test)]
    wanted = [part for part in parts if isinstance(part, Set) and not part.negated]
    unwanted = [part for part in parts if isinstance(part, Set) and part.negated]
    return tests, wanted, unwanted


def _joined(word: str, sets: Sequence[Set]) -> Set:
    """The sets themselves, whether they are negated or not."""
    if len(sets) == 1:
        return replace(sets[0], negated=False)
    return Set(join(word, [one.sql for one in sets]), repeats=word == "UNION ALL")


def _without(rest: Set, others: Sequence[Set]) -> Set:
    return Set(sql("({}) EXCEPT ({})", rest.sql, _joined("UNION ALL", others).sql)) if others else rest


def _profiles(test: Fragment) -> Set:
    return Set(sql("{} AND ({})", EVERYBODY, test))
