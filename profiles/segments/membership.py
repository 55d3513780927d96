"""Who is in which segment, kept true for two causes: data (`take`) and the clock (`tick`). `building` has the third.

`take` handles changes from the outbox in batches, and evaluates only the segments that listen to them, only for the
profiles concerned; one taker at a time per shard of profiles. `tick` finds who crossed the edge of a period, without
locks, and holds only the shards of those it looks at.

Entering and leaving is noted in the history and announced to whoever declared an interest, always in the transaction
that writes it, with the reason: "event:Order Completed", "attribute:country", "clock", "definition" … One exception:
when a segment is built for the first time, those already in it have not entered, they have been there; the history
has them, but nothing is announced.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from omnichannel.accounts.models import Workspace
from omnichannel.shared import sql
from profiles.models import Change, MembershipClock, Segment
from profiles.segments import edges
from profiles.segments.ast import uses_days
from profiles.segments.building import ask_for_build
from profiles.segments.writing import (
    QUIET,
    SHARDS,
    Touched,
    claim_shards,
    correct,
    execute,
    hold_shards,
    read,
    rows,
    shards_of,
    update,
)

AT_ONCE: Final = 2_000
# How far `ticked_at` may lag while nothing crosses: looking again costs little, writing every second costs more.
LAG: Final = timedelta(seconds=30)


def take(limit: int, now: datetime) -> int:
    """Handle up to `limit` changes in one transaction; how many there were. A constant number of statements."""
    with sql.lazily_committed():
        shards = claim_shards()
        changes = rows("take", {"shards": SHARDS, "mine": shards, "limit": limit}) if shards else []
        if changes:
            touched, building, followed = _touched(changes)
            update(touched, max(now, followed or now))
            if building:
                columns = [[segment for segment, _ in building], [profile for _, profile in building]]
                execute("look_at", dict(zip(("segments", "profiles"), columns, strict=True)))
    if merged := [loser for *_, loser in changes if loser]:
        with transaction.atomic():
            hold_shards(shards_of(merged))
            execute("leave_signposts", {"profiles": sorted(merged), "now": now})
    return len(changes)


def has_changes() -> bool:
    """Whether anything waits to be taken."""
    return Change.objects.filter(consumer="segments").exists()


def tick(now: datetime) -> int:
    """Follow the clock up to `now`: who crossed the edge of a period is evaluated again. How many were looked at."""
    _correct_sizes(now)
    _follow_zone(now)
    listed = rows("followed", {"now": now})
    followed = [
        edges.Followed(segment, condition, since)
        for segment, text, since, _revision in listed
        if (condition := read(text))
    ]
    if not followed:
        return 0
    execute("follow_to", {"now": now})
    found = edges.crossed(followed, now)
    for part in _parts(found):
        _look_again(part, now)
    done = {s: revision for s, _text, since, revision in listed if s in found or now - since > LAG}
    if done:
        execute("ticked", {"segments": list(done), "revisions": list(done.values()), "now": now})
    return sum(len(profiles) for profiles in found.values())


def _follow_zone(now: datetime) -> None:
    """Calendar days are those of the workspace: when its zone changes, everybody is asked anew where days count."""
    zone = Workspace.get().timezone
    before = MembershipClock.objects.filter(pk=1).values_list("zone", flat=True).first()
    if before == zone:
        return
    with transaction.atomic():
        if before:
            texts = Segment.objects.values_list("pk", Cast("condition", TextField()))
            ask_for_build([segment for segment, text in texts if (asked := read(text)) and uses_days(asked)])
        made = {"at": now, "zone": zone}
        MembershipClock.objects.update_or_create(pk=1, create_defaults=made, defaults={"zone": zone})


def _look_again(part: dict[int, set[int]], now: datetime) -> None:
    """Evaluate these segments, as they are by now, for who crossed an edge."""
    with transaction.atomic():
        hold_shards(shards_of(set().union(*part.values())))
        current = rows("conditions", {"segments": list(part)})
        touched = {
            segment: Touched(condition, {"clock": part[segment]})
            for segment, text, _clock, _ticked in current
            if (condition := read(text))
        }
        update(touched, max([now, *(clock for _s, _t, clock, _ticked in current if clock)]))


def _correct_sizes(now: datetime) -> None:
    """Merges make two members one without anybody entering or leaving."""
    with transaction.atomic():
        if owed := rows("corrections", {}):
            correct(dict(owed), now)


def _touched(
    changes: Sequence[tuple[int, str, str, bool, int | None]],
) -> tuple[dict[int, Touched], list[tuple[int, int]], datetime | None]:
    """Which segments have to look at whom, which pairs are being built, and up to when the clock was followed.

    A condition that cannot be read any more is left to the next build.
    """
    profiles: dict[tuple[str, str], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for profile, kind, key, quiet, _loser in changes:
        asked = "event" if kind in ("forgotten", "amended") else kind  # who asks for an event may miss it now
        reason = f"{kind}:{key}" if key else kind
        profiles[asked, key][f"{QUIET}{reason}" if quiet else reason].add(profile)
    heard: list[Any] = rows("touched", {"kinds": [kind for kind, _ in profiles], "keys": [key for _, key in profiles]})
    found: dict[int, Touched] = {}
    unreadable: set[int] = set()
    in_work: set[int] = set()
    for kind, key, segment, text, building, tell, _followed in heard:
        condition = read(text)
        if condition is None:
            unreadable |= set() if building else {segment}
            continue
        in_work |= {segment} if building else set()
        found.setdefault(segment, Touched(condition, {}, tell)).reasons.update(profiles[kind, key])
    if unreadable:
        ask_for_build(unreadable)
    pairs = [(segment, profile) for segment in in_work for profile in found[segment].profiles]
    return found, pairs, heard[0][-1] if heard else None


def _parts(found: dict[int, set[int]]) -> Iterable[dict[int, set[int]]]:
    """The same in parts of at most AT_ONCE profiles, so that the facts of a part fit into memory."""
    profiles = sorted(set().union(*found.values()))
    for start in range(0, len(profiles), AT_ONCE):
        part = set(profiles[start : start + AT_ONCE])
        yield {segment: ids & part for segment, ids in found.items() if ids & part}
