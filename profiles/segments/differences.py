"""Everybody asked by one statement, outside of all locks, and compared with who is kept as a member.

The differences stand in a temporary table of this connection until they are written or looked at piece by piece.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection

from profiles.segments import compiler
from profiles.segments.ast import Condition
from profiles.segments.fragment import sql
from profiles.segments.writing import execute

# All is seen as of one moment; and a full join is hashed however wrong the planner's estimates are.
COMPARE: Final = (
    "INSERT INTO difference (shard, id, enters)"
    " SELECT mod(coalesce(m.id, o.profile_id), {}), coalesce(m.id, o.profile_id), o.profile_id IS NULL"
    " FROM ({}) m FULL JOIN (SELECT profile_id FROM profiles_membership WHERE segment_id = {}) o"
    " ON o.profile_id = m.id WHERE m.id IS NULL OR o.profile_id IS NULL ORDER BY 1, 2"
)


@contextmanager
def found(segment: int, condition: Condition | None, now: datetime, shards: int) -> Iterator[int]:
    """Fill the table; how many differ. Without a condition nobody matches."""
    matching = compiler.NOBODY if condition is None else compiler.compiled(condition, now)
    statement = sql(COMPARE, shards, matching, segment)
    execute("no_differences", {})
    execute("differences", {})
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement.text, statement.params)
            yield cursor.rowcount
    finally:
        if not connection.needs_rollback:
            execute("no_differences", {})
