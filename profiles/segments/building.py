"""A definition is new or has changed: find everybody once, by SQL, outside of all locks, and write the difference.

From the first moment on, takers look at the changed people of a segment that is being built, by its new condition, and
leave a note of each (`LookedAt`). So what the big question finds, which is as old as its snapshot, is written for all
those without a note, piece by piece, each under the lock of one shard; and nothing that happens meanwhile is lost.

A build that is killed leaves the segment in the state "building": the next one starts anew, and finds less to write.
Whatever asks for a build raises the revision; a build goes live only under the revision it began with.
"""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import F, QuerySet

from omnichannel.shared import failpoints
from profiles.models import Interest, LookedAt, Segment
from profiles.segments import compiler, differences
from profiles.segments.ast import Condition, ConditionError, lost, parse
from profiles.segments.interests import moves
from profiles.segments.writing import SHARDS, correct, hold_all_shards, hold_shards, resize, rows
from profiles.services.changes import nudge

PIECE = 10_000  # memberships written under one lock
BUILDERS: Final = 0x6275_696C  # the lock space of builds
WRITERS_MAY_TAKE: Final = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class _Build:
    """What is built: one revision of a segment."""

    segment: int
    revision: int
    condition: Condition | None
    error: str
    tell: bool
    usable_before: bool


def rebuild(segment_id: int, now: datetime) -> bool:
    """Build one segment that waits for it. False: it does not, or somebody else is at it."""
    with alone(segment_id) as mine:
        wanted = Segment.objects.filter(pk=segment_id, state=Segment.State.BUILDING).values_list("revision", flat=True)
        revision = wanted.first() if mine else None
        if revision is None:
            return False
        _wait_for_writers()
        build = _begin(segment_id, revision)
        if build is not None:
            with differences.found(segment_id, build.condition, now, SHARDS) as n:
                failpoints.hit("build.found")
                _current(build).update(build_total=n)
                if _write(build, now):
                    _finish(build, now)
    return True


def ask_for_build(segments: Collection[int]) -> None:
    """Let these be built; what is being built of them goes for nothing."""
    Segment.objects.filter(pk__in=segments).update(state=Segment.State.BUILDING, revision=F("revision") + 1)


def ask_again(kind: str, key: str) -> None:
    """Build the segments that listen to this: what they ask about changed for everybody at once, came or went."""
    owners = Interest.objects.filter(consumer="segments", kind=kind, key=key).values("owner")
    ask_for_build([int(row["owner"].removeprefix("segment:")) for row in owners])


@contextmanager
def alone(segment_id: int = 0) -> Iterator[bool]:
    """Whether nobody else asks everybody for this segment, which stays so until the end. Being killed frees it.

    Without a segment: whether no other process builds or checks, so that one worker at most is busy with it and the
    others follow what happens.
    """
    args = {"space": BUILDERS, "segment": segment_id}
    ((mine,),) = rows("try_alone", args)
    try:
        yield mine
    finally:
        if mine and not connection.needs_rollback:
            rows("not_alone", args)


def _wait_for_writers() -> None:
    """Let transactions end that began before the segment listened: what they wrote, nobody would be told of."""
    if connection.in_atomic_block:
        return
    ((end,),) = rows("snapshot_end", {})
    deadline = time.monotonic() + WRITERS_MAY_TAKE
    while rows("writers_before", {"end": end})[0][0] and time.monotonic() < deadline:
        time.sleep(0.02)


def _begin(segment_id: int, revision: int) -> _Build | None:
    """Read what is to be built while nobody writes: all who write later have read the same, or something newer.

    Notes from before go: they may be older than what a writer wrote whom the segment could not hear.
    """
    with transaction.atomic():
        hold_all_shards()
        segment = Segment.objects.filter(pk=segment_id, revision=revision, state=Segment.State.BUILDING).first()
        if segment is None:
            return None
        LookedAt.objects.filter(segment_id=segment_id).delete()
        Segment.objects.filter(pk=segment_id).update(build_total=None, build_done=0)
        condition, error = _check(segment)
        usable = bool(compiler.usable_segments({segment_id}))
    return _Build(segment_id, revision, condition, error, segment.built_at is not None, usable)


def _check(segment: Segment) -> tuple[Condition | None, str]:
    """The condition, or None and why nobody matches."""
    try:
        condition = parse(segment.condition)
    except ConditionError as error:
        return None, error.message
    why = next(iter(lost([condition]).values()), None)
    return (condition, "") if why is None else (None, why)


def _write(build: _Build, now: datetime) -> bool:
    """Write the differences, piece by piece. False: this revision is not wanted any more."""
    args = {"segment": build.segment, "key": str(build.segment), "now": now, "tell": build.tell, "reason": "definition"}
    for piece in _pieces():
        with transaction.atomic():
            hold_shards(range(piece["shard"], piece["last_shard"] + 1))
            if not _current(build).exists():
                return False
            ((n, entered, left, consumers),) = rows("write_differences", args | piece)
            if build.tell and (entered or left):
                resize({build.segment: entered}, {build.segment: left}, now)
            elif entered != left:  # they have been there: nobody came today
                correct({build.segment: entered - left}, now)
            _current(build).update(build_done=F("build_done") + n)
            nudge(consumers)
        failpoints.hit("build.piece")
    return True


def _pieces() -> Iterator[dict[str, int]]:
    """Stretches of the differences, which are in the order of shards: few shards each, or all where there is little."""
    shard, after = 0, 0
    while ends := rows("end_of_piece", {"shard": shard, "after": after, "limit": PIECE}):
        ((last_shard, last),) = ends
        yield {"shard": shard, "after": after, "last_shard": last_shard, "last": last}
        shard, after = last_shard, last


def _current(build: _Build) -> QuerySet[Segment]:
    return Segment.objects.filter(pk=build.segment, revision=build.revision, state=Segment.State.BUILDING)


def _finish(build: _Build, now: datetime) -> None:
    """Go live, or say what needs repair; unless something asked for another build meanwhile."""
    with transaction.atomic():
        hold_all_shards()
        done = _current(build).update(
            state=Segment.State.LIVE if build.condition else Segment.State.BROKEN,
            error=build.error,
            built_at=now,
            ticked_at=now,
            follows_clock=build.condition is not None and moves(build.condition),
        )
        if not done:
            return
        LookedAt.objects.filter(segment_id=build.segment).delete()
        if bool(compiler.usable_segments({build.segment})) is not build.usable_before:
            ask_again("entered", str(build.segment))
