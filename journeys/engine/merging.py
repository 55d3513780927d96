"""Two profiles proved to be one person, or were taken apart again: enrollments and messages follow, and come back."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from journeys.engine import routes
from journeys.engine.told import tell
from journeys.models import Followed
from omnichannel.shared import sql
from profiles.services.changes import NewChange, record

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "inbox.sql")
MERGED: Final = "Turned out to be somebody who was inside already"


@dataclass(frozen=True, slots=True)
class Taken:
    """One change."""

    id: int
    profile_id: int
    kind: str
    key: str
    event_id: int | None
    at: datetime
    data: dict[str, Any]

    @property
    def token(self) -> str:
        """What tells this start from another one of the same person: an event counts once, however often it is told."""
        return f"{self.kind}:{self.event_id if self.kind == 'event' and self.event_id else self.id}"


@dataclass(frozen=True, slots=True)
class _Merge:
    """One merge; `losers` are the loser and who was joined to it by the same batch of changes."""

    id: int
    survivor: int
    losers: tuple[int, ...]


def follow(changes: Sequence[Taken], now: datetime) -> list[Taken]:
    """Do what the merges among the changes ask for; the changes, told of who their people are after each.

    Merges are done set by set; only an undone merge, which somebody asks for by hand, is done on its own.
    """
    told: list[Taken] = []
    waiting: list[Taken] = []
    now_is: dict[int, int] = {}
    for change in changes:
        if change.kind == "merged":
            waiting.append(change)
            loser, survivor = int(change.data["from"]), int(change.data["into"])
            now_is = {a: survivor if b == loser else b for a, b in now_is.items()} | {loser: survivor}
        elif change.kind == "unmerged":
            _merge(waiting, now_is, now)
            waiting = []
            _unmerge(int(change.data["merge"]), now)
            now_is.pop(int(change.data["from"]), None)
        told.append(replace(change, profile_id=now_is.get(change.profile_id, change.profile_id)))
    _merge(waiting, now_is, now)
    # A change of a loser that was taken before its merge follows as well.
    return [replace(one, profile_id=now_is.get(one.profile_id, one.profile_id)) for one in told]


def _merge(changes: Sequence[Taken], now_is: Mapping[int, int], now: datetime) -> None:
    """First whoever still handles changes of the losers ends: the enrollments they write have to follow too."""
    merges = _chained(changes)
    if not merges:
        return
    losers = [one.losers[0] for one in merges]
    bound: dict[str, Any] = {"loser": losers, "survivor": [now_is[loser] for loser in losers], "reason": MERGED}
    with sql.bound() as cursor:
        cursor.execute(SQL["hold_shards"], {"profiles": losers})
        cursor.execute(SQL["merge_exit"], bound | {"now": now})
        exited = cursor.fetchall()
        cursor.execute(SQL["merge_enrollments"], bound)
        enrollments = cursor.fetchall()
        cursor.execute(SQL["merge_messages"], bound)
        messages = cursor.fetchall()
    followed: dict[int, list[int]] = defaultdict(list)
    letters: dict[int, list[int]] = defaultdict(list)
    ended: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for ident, loser, _survivor, _journey in enrollments:
        followed[loser].append(ident)
    for ident, loser, _survivor in messages:
        letters[loser].append(ident)
    for _version, _node, ident, owner, _survivor, due_at in exited:
        ended[owner].append({"id": ident, "due_at": due_at})
    Followed.objects.bulk_create(
        Followed(
            merge_id=one.id,
            loser_id=one.losers[0],
            survivor_id=one.survivor,
            enrollments=[ident for loser in one.losers for ident in followed[loser]],
            messages=[ident for loser in one.losers for ident in letters[loser]],
            exited=[each for who in (*one.losers, now_is[one.losers[0]]) for each in ended[who]],
        )
        for one in merges
    )
    routes.count_exits(Counter(row[:2] for row in exited), now)
    tell([(survivor, journey) for _ident, _loser, survivor, journey in enrollments], now)
    _tell_moved({survivor for _ident, _loser, survivor in messages}, now)


def _tell_moved(people: Iterable[int], now: datetime) -> None:
    """Segments that ask about messages look at these people again."""
    record([NewChange(one, "message", "moved") for one in sorted(people)], now)


def _chained(changes: Sequence[Taken]) -> list[_Merge]:
    members: dict[int, tuple[int, ...]] = {}
    merges = []
    for change in changes:
        loser, survivor = int(change.data["from"]), int(change.data["into"])
        losers = (loser, *members.pop(loser, ()))
        members[survivor] = (*members.get(survivor, ()), *losers)
        merges.append(_Merge(int(change.data["merge"]), survivor, losers))
    return merges


def _unmerge(merge_id: int, now: datetime) -> None:
    """Give back what the merge moved. It is told for both people, and the first telling does it."""
    moved = Followed.objects.filter(merge_id=merge_id).first()
    if moved is None:
        return
    both = {"loser": moved.loser_id, "survivor": moved.survivor_id}
    with sql.bound() as cursor:
        cursor.execute(SQL["hold_shards"], {"profiles": list(both.values())})
        cursor.execute(SQL["unmerge"], both | {"enrollments": moved.enrollments, "messages": moved.messages})
        journeys = [row[0] for row in cursor.fetchall()]
        exited = msgspec.json.encode(moved.exited).decode()
        cursor.execute(SQL["unmerge_exits"], {"exited": exited, "reason": MERGED})
        back = Counter(cursor.fetchall())
    routes.count_exits({at: -n for at, n in back.items()}, now)
    tell([(who, journey) for who in both.values() for journey in journeys], now)
    _tell_moved(both.values(), now)
    moved.delete()
