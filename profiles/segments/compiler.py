"""Conditions as SQL: sets of profile ids joined by INTERSECT, UNION and EXCEPT, with bound parameters.

Questions about attributes that stand side by side become one scan of the profiles. "Not" is kept as a flag as long as
possible, so that a complement is taken once, at the end, within all profiles that are not merged away. Merged profiles
hold no events and no memberships, so event and membership sets need no join to the profiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from profiles.models import Segment
from profiles.segments.ast import Attribute, Condition, Event, Group, InSegment, PropertyFilter, Unfinished, segments_in
from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.operators import as_sql

ATTRIBUTES: Final = Fragment("p.attributes")
PROPERTIES: Final = Fragment("e.properties")
EVERYBODY: Final = Fragment("SELECT p.id FROM profiles_profile p WHERE p.merged_into_id IS NULL")
NOBODY: Final = Fragment("SELECT p.id FROM profiles_profile p WHERE FALSE")


@dataclass(frozen=True, slots=True)
class _Test:
    """A question one profile row answers by itself."""

    sql: Fragment


@dataclass(frozen=True, slots=True)
class _Set:
    """A set of profile ids, or (negated) everybody else."""

    sql: Fragment
    negated: bool = False


def compiled(condition: Condition, now: datetime) -> Fragment:
    """A SELECT of the ids of the profiles that match. Nobody, where a segment it asks about cannot be asked."""
    if segments_in(condition) - usable_segments(segments_in(condition)):
        return NOBODY
    return _positive(_compile(condition, now))


def count(condition: Condition, now: datetime) -> int:
    """How many profiles match."""
    matching = compiled(condition, now)
    (found,) = _rows(sql("SELECT count(*) FROM ({}) s", matching))
    return int(found[0])


def ids(condition: Condition, now: datetime) -> list[int]:
    """Everybody who matches, in order of id."""
    return [row[0] for row in _rows(sql("SELECT s.id FROM ({}) s ORDER BY s.id", compiled(condition, now)))]


def sample(condition: Condition, now: datetime, size: int = 5) -> list[int]:
    """Some who match: the ones seen last."""
    statement = sql(
        "SELECT p.id FROM profiles_profile p WHERE p.id IN ({})"
        " ORDER BY p.last_seen_at DESC NULLS LAST, p.id DESC LIMIT {}",
        *(compiled(condition, now), size),
    )
    return [row[0] for row in _rows(statement)]


def usable_segments(wanted: set[int]) -> set[int]:
    """Those of the segments whose membership can be trusted: they exist, have been built and are not broken."""
    if not wanted:
        return set()
    found = Segment.objects.filter(pk__in=wanted, built_at__isnull=False).exclude(state=Segment.State.BROKEN)
    return set(found.values_list("pk", flat=True))


def event_where(where: Sequence[PropertyFilter], now: datetime) -> list[Fragment]:
    """The property filters as tests of an event row `e`."""
    return [as_sql(one.op, PROPERTIES, one.field, one.value, now) for one in where]


def _rows(statement: Fragment) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return list(cursor.fetchall())


def _compile(condition: Condition, now: datetime) -> _Test | _Set:
    match condition:
        case Attribute(field, op, value):
            return _Test(as_sql(op, ATTRIBUTES, field, value, now))
        case Event():
            return _event(condition, now)
        case InSegment(segment, member):
            members = sql("SELECT m.profile_id AS id FROM profiles_membership m WHERE m.segment_id = {}", segment)
            return _Set(members, negated=not member)
        case Unfinished():
            return _Test(Fragment("FALSE"))
        case Group(type, of):
            parts = [_compile(child, now) for child in of]
            if type == "all":
                return _all(parts)
            return _any(parts) if type == "any" else _not(_any(parts))


def _event(event: Event, now: datetime) -> _Set:
    """`at most` and `exactly 0` are complements: those who never did it are among them."""
    op, n, negated = event.count.op, event.count.n, not event.did
    if op == "at_most" or n == 0:
        least = n + 1 if op in ("at_most", "exactly") else 0
        if least == 0:
            return _Set(NOBODY, negated=not negated)
        return _Set(_did(event, sql("count(*) >= {}", least) if least > 1 else None, now), negated=not negated)
    having = None if (op, n) == ("at_least", 1) else sql("count(*) = {}" if op == "exactly" else "count(*) >= {}", n)
    return _Set(_did(event, having, now), negated=negated)


def _did(event: Event, having: Fragment | None, now: datetime) -> Fragment:
    tests = [sql("e.name = {}", event.event)]
    if event.within:
        tests.append(sql("e.occurred_at > {}", now - event.within.length))
    tests.extend(event_where(event.where, now))
    rows = sql("SELECT e.profile_id AS id FROM profiles_event e WHERE {} GROUP BY e.profile_id", join("AND", tests))
    return sql("{} HAVING {}", rows, having) if having else rows


def _not(part: _Test | _Set) -> _Test | _Set:
    if isinstance(part, _Test):
        return _Test(sql("({}) IS NOT TRUE", part.sql))
    return _Set(part.sql, not part.negated)


def _all(parts: list[_Test | _Set]) -> _Test | _Set:
    """Intersect. What is negated is taken away from the rest, or, when there is no rest, becomes one negated union."""
    tests = [part.sql for part in parts if isinstance(part, _Test)]
    wanted = [part.sql for part in parts if isinstance(part, _Set) and not part.negated]
    unwanted = [part.sql for part in parts if isinstance(part, _Set) and part.negated]
    if not wanted and not unwanted:
        return _Test(join("AND", tests))
    if not wanted and not tests:
        return _Set(join("UNION", unwanted), negated=True)
    rest = join("INTERSECT", ([_profiles(join("AND", tests))] if tests else []) + wanted)
    return _Set(sql("({}) EXCEPT ({})", rest, join("UNION", unwanted)) if unwanted else rest)


def _any(parts: list[_Test | _Set]) -> _Test | _Set:
    """Unite. With something negated among them, whoever is left out is found instead, and the result is negated."""
    tests = [part.sql for part in parts if isinstance(part, _Test)]
    wanted = [part.sql for part in parts if isinstance(part, _Set) and not part.negated]
    unwanted = [part.sql for part in parts if isinstance(part, _Set) and part.negated]
    if not wanted and not unwanted:
        return _Test(join("OR", tests))
    wanted = ([_profiles(join("OR", tests))] if tests else []) + wanted
    if not unwanted:
        return _Set(join("UNION", wanted))
    left_out = join("INTERSECT", unwanted)
    return _Set(sql("({}) EXCEPT ({})", left_out, join("UNION", wanted)) if wanted else left_out, negated=True)


def _profiles(test: Fragment) -> Fragment:
    return sql("{} AND ({})", EVERYBODY, test)


def _positive(part: _Test | _Set) -> Fragment:
    if isinstance(part, _Test):
        return _profiles(part.sql)
    return sql("({}) EXCEPT ({})", EVERYBODY, part.sql) if part.negated else part.sql
