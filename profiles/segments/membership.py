"""Who is in which segment, kept true for three causes: data (`take`), the clock (`tick`), the definition (`rebuild`).

`take` handles changes from the outbox in batches, and evaluates only the segments that listen to them, only for the
profiles concerned; one taker at a time per shard of profiles. `tick` and `rebuild` hold all shards while they write.

Entering and leaving is announced to whoever declared an interest, always in the transaction that writes it, with the
reason: "event:Order Completed", "attribute:country", "clock", "definition" … One exception: when a segment is built for
the first time, those already in it have not entered, they have been there; nothing is announced.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from profiles.models import Change, Interest, Segment
from profiles.segments import compiler, edges
from profiles.segments.ast import Condition, ConditionError, parse, segments_in
from profiles.segments.interests import moves
from profiles.segments.writing import (
    SHARDS,
    Touched,
    claim_shards,
    execute,
    hold_all_shards,
    read,
    rows,
    update,
)
from profiles.services.changes import nudge

AT_ONCE: Final = 2_000
# How far `ticked_at` may lag while nothing crosses: looking again costs little, writing every second costs more.
LAG: Final = timedelta(seconds=30)
DATES_EVERY: Final = timedelta(seconds=4)


def take(limit: int, now: datetime) -> int:
    """Handle up to `limit` changes in one transaction; how many there were. A constant number of statements."""
    with transaction.atomic():
        shards = claim_shards()
        changes = rows("take", {"shards": SHARDS, "mine": shards, "limit": limit}) if shards else []
        if changes:
            update(_touched(changes), now)
            merged = [profile for profile, kind, _ in changes if kind == "merged"]
            if merged:
                execute("miscounted", {"profiles": merged})
    return len(changes)


def has_changes() -> bool:
    """Whether anything waits to be taken."""
    return Change.objects.filter(consumer="segments").exists()


def tick(now: datetime) -> int:
    """Follow the clock up to `now`: who crossed the edge of a period is evaluated again. How many were looked at."""
    followed = [
        edges.Followed(segment, condition, since)
        for segment, text, since in rows("followed", {"now": now})
        if (condition := read(text)) and (now - since >= DATES_EVERY or not edges.has_dates(condition))
    ]
    found = edges.crossed(followed, now) if followed else {}
    conditions = {one.segment: one.condition for one in followed}
    done = [one.segment for one in followed if one.segment in found or now - one.since > LAG]
    with transaction.atomic():
        if found:
            hold_all_shards()
        for part in _parts(found):
            update({s: Touched(conditions[s], dict.fromkeys(ids, "clock")) for s, ids in part.items()}, now)
        if done:
            Segment.objects.filter(pk__in=done, ticked_at__lt=now).update(ticked_at=now)
        execute("recount", {})
    return sum(len(profiles) for profiles in found.values())


def rebuild(segment_id: int, now: datetime) -> bool:
    """The definition changed: find everybody once, by SQL, and write the difference. False: nothing was to do."""
    with transaction.atomic():
        hold_all_shards()
        segment = Segment.objects.select_for_update().filter(pk=segment_id, state=Segment.State.BUILDING).first()
        if segment is None:
            return False
        usable_before = compiler.usable_segments({segment.pk})
        condition, segment.error = _check(segment)
        told = _rebuild_members(segment, condition, now)
        segment.state = Segment.State.LIVE if condition else Segment.State.BROKEN
        segment.built_at = segment.ticked_at = now
        segment.follows_clock = condition is not None and moves(condition)
        segment.miscounted = False
        segment.save(update_fields=["error", "size", "state", "built_at", "ticked_at", "follows_clock", "miscounted"])
        if compiler.usable_segments({segment.pk}) != usable_before:
            ask_again(segment.pk)
        nudge(told)
    return True


def ask_again(segment_id: int) -> None:
    """Rebuild the segments that ask about this one: it can be asked now and could not before, or the other way."""
    owners = Interest.objects.filter(consumer="segments", kind="entered", key=str(segment_id)).values("owner")
    asking = [int(row["owner"].removeprefix("segment:")) for row in owners]
    Segment.objects.filter(pk__in=asking).update(state=Segment.State.BUILDING)


def _check(segment: Segment) -> tuple[Condition | None, str]:
    """The condition, or None and why nobody matches."""
    try:
        condition = parse(segment.condition)
    except ConditionError as error:
        return None, error.message
    asked = segments_in(condition)
    lost = asked - compiler.usable_segments(asked)
    if lost:
        names = Segment.objects.filter(pk__in=lost).values_list("name", flat=True)
        if len(names) < len(lost):
            return None, _("It asks about a segment that no longer exists.")
        return None, _("It asks about “%s”, which is not ready or needs repair.") % "”, “".join(names)
    return condition, ""


def _rebuild_members(segment: Segment, condition: Condition | None, now: datetime) -> set[str]:
    """Write the difference and the size. Who is to be told is returned."""
    told: set[str] = set()
    with connection.cursor() as cursor:
        execute("matching", {})
        if condition is not None:
            matching = compiler.compiled(condition, now)
            cursor.execute(f"INSERT INTO matching {matching.text}", matching.params)
            segment.size = cursor.rowcount
            cursor.execute("ANALYZE matching")
        else:
            segment.size = 0
        args = {"segment": segment.pk, "key": str(segment.pk), "now": now, "reason": "definition"}
        for statement in ("rebuild_leave", "rebuild_enter"):
            ((_changed, consumers),) = rows(statement, args | {"tell": segment.built_at is not None})
            told |= set(consumers)
        cursor.execute("DROP TABLE matching")
    return told


def _touched(changes: Iterable[tuple[int, str, str]]) -> dict[int, Touched]:
    """Which segments have to look at whom. A condition that cannot be read any more is left to the next rebuild."""
    profiles: dict[tuple[str, str], set[int]] = defaultdict(set)
    for profile, kind, key in changes:
        profiles[kind, key].add(profile)
    heard = rows("touched", {"kinds": [kind for kind, _ in profiles], "keys": [key for _, key in profiles]})
    found: dict[int, Touched] = {}
    unreadable: set[int] = set()
    for kind, key, segment, text in heard:
        condition = read(text)
        if condition is None:
            unreadable.add(segment)
            continue
        one = found.setdefault(segment, Touched(condition, {}))
        for profile in profiles[kind, key]:
            one.reasons.setdefault(profile, f"{kind}:{key}" if key else kind)
    if unreadable:
        Segment.objects.filter(pk__in=unreadable).update(state=Segment.State.BUILDING)
    return found


def _parts(found: dict[int, set[int]]) -> Iterable[dict[int, set[int]]]:
    """The same in parts of at most AT_ONCE profiles, so that the facts of a part fit into memory."""
    profiles = sorted(set().union(*found.values()))
    for start in range(0, len(profiles), AT_ONCE):
        part = set(profiles[start : start + AT_ONCE])
        yield {segment: ids & part for segment, ids in found.items() if ids & part}
