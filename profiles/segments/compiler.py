"""Conditions as SQL: sets of profile ids joined by INTERSECT, UNION and EXCEPT, with bound parameters.

Every kind gives its own answer (see `kinds`); `sets` says how answers are joined.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from profiles.segments.ast import Condition, Group, Off, Unfinished, lost
from profiles.segments.calendar import carried
from profiles.segments.fragment import Fragment, sql
from profiles.segments.kinds.segment import usable_segments
from profiles.segments.sets import NOBODY, Answer, Test, at_least, complement, intersection, positive, union

__all__ = ["NOBODY", "compiled", "count", "ids", "sample", "usable_segments"]


def compiled(condition: Condition, now: datetime) -> Fragment:
    """A SELECT of the ids of the profiles that match. Nobody, where something it asks about cannot be asked."""
    if lost([condition]):
        return NOBODY
    return positive(_answer(condition, carried([condition], now)))


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
        "SELECT s.id FROM ({}) s LEFT JOIN profiles_lastseen l ON l.profile_id = s.id"
        " ORDER BY l.at DESC NULLS LAST, s.id DESC LIMIT {}",
        *(compiled(condition, now), size),
    )
    return [row[0] for row in _rows(statement)]


def _rows(statement: Fragment) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return list(cursor.fetchall())


def _answer(condition: Condition, now: datetime) -> Answer:
    match condition:
        case Unfinished() | Off():
            return Test(Fragment("FALSE"))
        case Group(on=()):
            return Test(Fragment("FALSE"))
        case Group("at_least", _of, n):
            return at_least(n, [_answer(child, now) for child in condition.on])
        case Group("any"):
            return union(_any(condition, now))
        case Group():
            return intersection(_all(condition, now))
        case _:
            return condition.answer(now)


def _all(condition: Condition, now: datetime) -> list[Answer]:
    """What all have to hold. Groups inside are taken apart, so that tests of a row come together into one scan."""
    match condition:
        case Group("all", on=[_, *_]):
            return [part for child in condition.on for part in _all(child, now)]
        case Group("none", on=[_, *_]):
            return [complement(part) for child in condition.on for part in _any(child, now)]
        case _:
            return [_answer(condition, now)]


def _any(condition: Condition, now: datetime) -> list[Answer]:
    """One of which has to hold."""
    match condition:
        case Group("any", on=[_, *_]):
            return [part for child in condition.on for part in _any(child, now)]
        case _:
            return [_answer(condition, now)]
