"""Two profiles proved to be one person: everything of the loser moves to the survivor, set by set, and is logged."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection

from omnichannel.shared import sql
from profiles.ingest.decode import Call
from profiles.ingest.person import Joined, Person
from profiles.ingest.rows import text
from profiles.services.changes import NewChange

SQL = sql.load(Path(__file__).parent.parent / "sql" / "merge.sql")

STEPS: Final = (
    "both_sides",
    "merge_identities",
    "merge_rows",
    "merge_consents",
    "merge_memberships",
    "merge_lists",
    "merge_companies",
    "merge_apart",
    "merge_changes",
    "merge_times",
    "merge_profiles",
)


def merge(joined: Sequence[Joined], calls: Mapping[int, Call], now: datetime) -> list[int]:
    """Log the joins and move what the losers have; the ids of the log. The caller holds the row locks of all.

    Attributes are the caller's affair; enrollments and messages follow by the change "merged".
    """
    if not joined:
        return []
    with connection.cursor() as cursor:
        cursor.execute(SQL["log"], {"rows": text([_logged(one, calls[one.call]) for one in joined]), "now": now})
        ids = sorted(row[0] for row in cursor.fetchall())
        bound = _columns(joined, ids) | {"now": now}
        for step in STEPS:
            cursor.execute(SQL[step], bound)
    return ids


def note_moved(rows: Sequence[tuple[int, str, Sequence[int]]]) -> None:
    """(merge, what, ids): what the batch itself wrote for somebody who was joined in it."""
    given = [{"merge_id": merge_id, "what": what, "rows": ids} for merge_id, what, ids in rows if ids]
    if given:
        with connection.cursor() as cursor:
            cursor.execute(SQL["moved"], {"rows": text(given)})


def merged_changes(joined: Sequence[Joined], ids: Sequence[int]) -> list[NewChange]:
    """What consumers are told, so that they move what they keep about the losers."""
    return [
        NewChange(
            profile_id=row_of(one.survivor.now()),
            kind="merged",
            data={"from": one.loser.row, "into": row_of(one.survivor.now()), "merge": merge_id},
        )
        for one, merge_id in zip(joined, ids, strict=True)
    ]


def row_of(person: Person) -> int:
    """The row that this person has themselves, also where somebody else survived."""
    if person.row is None:
        raise LookupError("This person has no row yet.")
    return person.row


def _columns(joined: Sequence[Joined], ids: Sequence[int]) -> dict[str, Any]:
    sides = [
        (merge_id, row_of(person), of_loser)
        for one, merge_id in zip(joined, ids, strict=True)
        for of_loser, side in ((False, one.survivor_side), (True, one.loser_side))
        for person in side.people
    ]
    return {
        "loser": [row_of(one.loser) for one in joined],
        "survivor": [row_of(one.survivor.now()) for one in joined],
        "merge": [merge_id for merge_id, _, _ in sides],
        "profile": [row for _, row, _ in sides],
        "of_loser": [of_loser for _, _, of_loser in sides],
    }


def _logged(one: Joined, call: Call) -> dict[str, Any]:
    mine, theirs = one.survivor_side, one.loser_side
    return {
        "survivor_id": row_of(one.survivor),
        "loser_id": row_of(one.loser),
        "kind": one.by.kind,
        "value": one.by.value,
        "call": call.kind,
        "message_id": call.message_id,
        "survivor_attributes": mine.attributes,
        "loser_attributes": theirs.attributes,
        "identities": one.identities,
        "survivors": [row_of(person) for person in mine.people],
        "losers": [row_of(person) for person in theirs.people],
        "survivor_first": mine.first,
        "survivor_last": mine.last,
        "loser_first": theirs.first,
        "loser_last": theirs.last,
    }
