"""Who is met by a question about a date because the clock moved: dates that crossed an edge of an operator."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from omnichannel.shared import sql
from profiles.segments.filters import PropertyFilter, moving
from profiles.segments.kind import DateIndex, Edge
from profiles.segments.operators import OPERATORS
from profiles.segments.reading import Value
from profiles.segments.values import MOMENT
from profiles.segments.zone import carry, zone_of

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "segments.sql")


def date_edges(
    op: str, value: Value, field: str, where: str, since: datetime, now: datetime, event: str = ""
) -> Iterator[Edge]:
    """Dates under a path, by their distance from now or by the day of the year."""
    operator, few = OPERATORS[op], where == "companies"  # companies are found without an index
    same = (("path", field), ("name", event))
    for offset in operator.offsets(value) if operator.offsets else ():
        index = None if few else DateIndex(field, event)
        yield Edge(SQL[f"crossed_{where}"], {"after": since - offset, "until": now - offset}, same, index)
    if operator.calendar and carry(since, zone_of(now)).date() < now.date():
        before, after = operator.calendar(value, carry(since, zone_of(now))), operator.calendar(value, now)
        for day in sorted(before ^ after):
            fixed = (*same, ("moment", MOMENT), ("zone", str(zone_of(now))))
            index = None if few else DateIndex(field, event, yearly=True)
            yield Edge(SQL[f"crossed_days_{where}"], {"days": day}, fixed, index)


def property_edges(event: str, where: Iterable[PropertyFilter], since: datetime, now: datetime) -> Iterator[Edge]:
    """The same for dates among the properties of an event."""
    for one in moving(where):
        yield from date_edges(one.op, one.value, one.field, "properties", since, now, event)
