"""Two profiles proved to be one person: everything of the loser moves to the survivor, set by set."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection

from omnichannel.shared import sql
from profiles.services.changes import NewChange

SQL = sql.load(Path(__file__).parent.parent / "sql" / "ingest.sql")

STEPS: Final = (
    "merge_identities",
    "merge_events",
    "merge_consents",
    "merge_memberships",
    "merge_kept",
    "merge_lists",
    "merge_changes",
    "merge_times",
    "merge_profiles",
)


def merge(pairs: Mapping[int, int], now: datetime) -> None:
    """Move what the losers have to their survivors ({loser: survivor}). The caller holds the row locks of both.

    Attributes are the caller's affair; enrollments and messages follow by the change "merged".
    """
    if not pairs:
        return
    bound: dict[str, Any] = {"loser": list(pairs), "survivor": list(pairs.values()), "now": now}
    with connection.cursor() as cursor:
        for step in STEPS:
            cursor.execute(SQL[step], bound)


def merged_changes(pairs: Mapping[int, int]) -> Sequence[NewChange]:
    """What consumers are told, so that they move what they keep about the losers."""
    return [
        NewChange(profile_id=survivor, kind="merged", data={"from": loser, "into": survivor})
        for loser, survivor in pairs.items()
    ]
