"""The history of attributes: written with the batch that changed them, by one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from omnichannel.shared import sql
from profiles.ingest.decode import Call
from profiles.ingest.identify import Crowd
from profiles.ingest.merge import note_moved, row_of
from profiles.ingest.person import AttributeChange
from profiles.ingest.rows import text

SQL = sql.load(Path(__file__).parent.parent / "sql" / "ingest.sql")


class Line(NamedTuple):
    """One attribute had another value; without a name: everything that somebody new came with."""

    profile_id: int
    name: str
    old: Any
    new: Any
    source: str


def add(lines: Sequence[Line], now: datetime) -> list[int]:
    """Write the lines; their ids, in order."""
    if not lines:
        return []
    with sql.bound() as cursor:
        cursor.execute(SQL["add_history"], {"rows": text([one._asdict() for one in lines]), "now": now})
        return sorted(row[0] for row in cursor.fetchall())


def add_all(crowd: Crowd, calls: Mapping[int, Call], merges: Sequence[int], source: str | None, now: datetime) -> None:
    """The lines of a batch; those of somebody who was joined in it are noted as moved by that merge."""
    lines: list[Line] = []
    places: list[int] = []  # change → line
    came: dict[int, int] = {}  # order of a newcomer → the line of what they came with
    for change in crowd.changes:
        if change.call == change.person.came and change.merge is None:
            place = came.get(change.person.order)
            if place is None:
                place = came[change.person.order] = len(lines)
                lines.append(Line(row_of(change.person.now()), "", None, {}, _source(change, calls, merges, source)))
            lines[place].new[change.name] = change.new
        else:
            place = len(lines)
            told = _source(change, calls, merges, source)
            lines.append(Line(row_of(change.person.now()), change.name, change.old, change.new, told))
        places.append(place)
    ids = add(lines, now)
    note_moved(
        [
            (merge, "attribute", sorted({ids[places[change]] for change in joined.changes}))
            for joined, merge in zip(crowd.merges, merges, strict=True)
        ]
    )


def _source(change: AttributeChange, calls: Mapping[int, Call], merges: Sequence[int], given: str | None) -> str:
    if change.merge is not None:
        return f"merge:{merges[change.merge]}"
    return given or calls[change.call].kind
