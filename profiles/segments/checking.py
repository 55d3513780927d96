"""The nightly check: everybody is asked anew by SQL, and whoever differs is looked at again under the locks.

Most who differ are merely on their way: a change of theirs waits to be taken, or they have just crossed the edge of a
period. Whoever differs without such a reason should not exist: they are put right, and the check says how many.
"""

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from omnichannel.accounts.models import Workspace
from profiles.models import Segment, SegmentCheck
from profiles.segments import differences, edges
from profiles.segments.ast import lost
from profiles.segments.building import alone, ask_for_build
from profiles.segments.writing import SHARDS, Touched, compare, correct, hold_shards, read, rows, shards_of, write

NIGHT: Final = 3  # o'clock in the workspace: customers sleep
MORNING: Final = 6
MISSED: Final = timedelta(hours=36)  # so old, a check is made up for by day
AT_ONCE: Final = 2_000
STINT: Final = 240.0  # seconds


def check_due(now: datetime) -> int:
    """Check segments whose night it is; how many were checked. Segments that wait to be built come first."""
    until = time.monotonic() + STINT
    checked = 0
    for segment_id in _due(now).values_list("pk", flat=True):
        if time.monotonic() > until or Segment.objects.filter(state=Segment.State.BUILDING).exists():
            break
        checked += check(segment_id, now) is not None
    return checked


def check(segment_id: int, now: datetime) -> SegmentCheck | None:
    """Compare and repair one live segment. None: it is not live, or somebody else is at it."""
    started = time.perf_counter()
    with alone(segment_id) as mine:
        segment = Segment.objects.filter(pk=segment_id, state=Segment.State.LIVE).first() if mine else None
        if segment is None:
            return None
        condition = read(json.dumps(segment.condition))
        if condition is None or lost([condition]):
            ask_for_build([segment_id])
            return None
        missing = surplus = 0
        with differences.found(segment_id, condition, now, SHARDS):
            for profiles in _pieces():
                entered, left = _put_right(segment_id, profiles, now)
                missing, surplus = missing + entered, surplus + left
        ((size, members, owed),) = rows("count_members", {"segment": segment_id})
        wrong = members - size - owed
        if wrong:
            correct({segment_id: wrong}, now)
    took = round((time.perf_counter() - started) * 1000)
    return SegmentCheck.objects.create(
        segment=segment, at=now, people=members, missing=missing, surplus=surplus, miscounted=abs(wrong), took_ms=took
    )


def _due(now: datetime) -> QuerySet[Segment]:
    local = now.astimezone(Workspace.get().zone)
    night = local.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    since = night if NIGHT <= local.hour < MORNING else now - MISSED
    live = Segment.objects.filter(state=Segment.State.LIVE, built_at__lt=since).annotate(last=Max("checks__at"))
    return live.filter(Q(last=None) | Q(last__lt=since)).order_by("last", "pk")


def _pieces() -> Iterator[list[int]]:
    shard, after = -1, 0
    while piece := rows("some_differences", {"shard": shard, "after": after, "limit": AT_ONCE}):
        shard, after = piece[-1]
        yield [profile for _shard, profile in piece]


def _put_right(segment_id: int, profiles: list[int], now: datetime) -> tuple[int, int]:
    """Look at these again, as of now. Whoever is about to be looked at anyway is left alone."""
    with transaction.atomic():
        hold_shards(shards_of(profiles))
        current = rows("conditions", {"segments": [segment_id]})
        condition = read(current[0][1]) if current else None
        if condition is None:
            return 0, 0
        _segment, _text, clock, ticked_at = current[0]
        now = max(now, clock or now)
        touched = {segment_id: Touched(condition, {"check": set(profiles)})}
        entering, leaving = compare(touched, now)
        different = [profile for who in (*entering.values(), *leaving.values()) for profile in who]
        if not different:
            return 0, 0
        # Asked after looking: what can be seen now had been written down before.
        on_the_way = {row[0] for row in rows("waiting_changes", {"profiles": different})}
        on_the_way |= edges.crossed([edges.Followed(segment_id, condition, ticked_at)], now).get(segment_id, set())
        entering, leaving = ({why: who - on_the_way for why, who in moves.items()} for moves in (entering, leaving))
        return write(entering, leaving, now)
