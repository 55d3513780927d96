"""Indexes of dates among attributes and properties: made when a segment follows one with the clock, dropped when none
does. Without its index a date is found all the same, by reading everybody once a second; a day of the year, once a
day.
"""

import logging
from contextlib import nullcontext
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final

from django.db import DatabaseError, connection, transaction
from psycopg import sql as compose

from omnichannel.shared import sql
from profiles.models import Segment
from profiles.segments import edges
from profiles.segments.ast import ConditionError, parse
from profiles.segments.kind import DateIndex

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "date_indexes.sql")
PREFIX: Final = "date_of_"
log = logging.getLogger(__name__)


def keep(now: datetime) -> tuple[int, int]:
    """Make what is missing and drop what nobody needs any more; how many of each. One process at a time calls this.

    Neither holds up who writes, which is why it cannot be done inside a transaction: where there is one (in tests),
    nobody else writes anyway.
    """
    wanted = {name_of(index): index for index in _wanted(now)}
    there = _there()
    gone = [name for name, valid in there.items() if name not in wanted or not valid]
    for name in gone:
        _run(_drop(name))
    missing = [name for name in sorted(wanted) if not there.get(name)]
    made = sum(_run(_create(name, wanted[name])) for name in missing)
    return made, len(gone)


def name_of(index: DateIndex) -> str:
    """The name of its index in the database."""
    what = f"{index.event}\0{index.path}" + ("\0year" if index.yearly else "")
    return PREFIX + blake2b(what.encode(), digest_size=12).hexdigest()


def _wanted(now: datetime) -> set[DateIndex]:
    found: set[DateIndex] = set()
    for condition in Segment.objects.exclude(state=Segment.State.BROKEN).values_list("condition", flat=True):
        try:
            found |= edges.indexes(parse(condition), now)
        except ConditionError:
            continue
    return found


def _create(name: str, index: DateIndex) -> compose.Composed:
    quote, text = compose.Identifier, compose.Literal
    table, column = ("profiles_event", "properties") if index.event else ("profiles_profile", "attributes")
    path = compose.SQL("{}::text[]").format(text(index.path.split(".")))
    read = compose.SQL("profiles_year_day({}, {})" if index.yearly else "profiles_moment({}, {})")
    date = read.format(quote(column), path)
    tests = compose.SQL("{} IS NOT NULL").format(date)
    if index.event:
        tests = compose.SQL("name = {} AND {}").format(text(index.event), tests)
    return compose.SQL("CREATE INDEX {} {} ON {} ({}) WHERE {}").format(
        _beside(), quote(name), quote(table), date, tests
    )


def _drop(name: str) -> compose.Composed:
    return compose.SQL("DROP INDEX {} IF EXISTS {}").format(_beside(), compose.Identifier(name))


def _beside() -> compose.SQL:
    return compose.SQL("" if connection.in_atomic_block else "CONCURRENTLY")


def _run(statement: compose.Composed) -> bool:
    """Whether it worked. What was left half made is dropped the next time."""
    try:
        beside = transaction.atomic() if connection.in_atomic_block else nullcontext()
        with beside, connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        log.warning("an index of dates was not changed", exc_info=True)
        return False
    return True


def _there() -> dict[str, bool]:
    """Indexes of dates, and whether they are whole."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["there"], {"prefix": f"{PREFIX}%"})
        return dict(cursor.fetchall())
