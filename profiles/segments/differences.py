"""Everybody asked by one statement, outside of all locks, and compared with who is kept as a member.

The differences stand in a temporary table of this connection until they are written or looked at piece by piece.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from profiles.segments import compiler
from profiles.segments.ast import Condition
from profiles.segments.fragment import sql
from profiles.segments.writing import execute

# All is seen as of one moment; and a full join is hashed however wrong the planner's estimates are. The table is made
# by its contents because an INSERT would keep PostgreSQL from asking with more than one process.
COMPARE: Final = (
    "CREATE TEMPORARY TABLE difference AS"
    " SELECT mod(coalesce(m.id, o.profile_id), {})::smallint AS shard, coalesce(m.id, o.profile_id) AS id,"
    " o.profile_id IS NULL AS enters"
    " FROM ({}) m FULL JOIN (SELECT profile_id FROM profiles_membership WHERE segment_id = {}) o"
    " ON o.profile_id = m.id WHERE m.id IS NULL OR o.profile_id IS NULL ORDER BY 1, 2"
)


@contextmanager
def found(segment: int, condition: Condition | None, now: datetime, shards: int) -> Iterator[int]:
    """Fill the table; how many differ. Without a condition nobody matches."""
    matching = compiler.NOBODY if condition is None else compiler.compiled(condition, now)
    statement = sql(COMPARE, shards, matching, segment)
    execute("no_differences", {})
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            execute("share_the_work", {})
            cursor.execute(statement.text, statement.params)
            number = cursor.rowcount
        execute("differences", {})
        yield number
    finally:
        if not connection.needs_rollback:
            execute("no_differences", {})
