"""The change outbox: how the profile store tells others, in the same transaction, what has changed.

Only changes that somebody declared an interest in are written. Consumers take their rows by
DELETE … SKIP LOCKED … RETURNING.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from django.db import transaction

from omnichannel.shared import copying, sql
from profiles.models import Interest
from profiles.services import wake

SQL = sql.load(Path(__file__).parent.parent / "sql" / "changes.sql")
SEGMENTS: Final = "segments"
FACTS: Final = ("event", "attribute")  # segments look at the facts themselves, so that there is one is told them once
HINDSIGHT: Final = ("forgotten", "amended")  # what was true of events is not any more


class NewChange(msgspec.Struct, frozen=True):
    """One change of one profile.

    kind: event (key: its name, data: its properties), attribute (key: its name, data: old, new, source), consent (key:
    the topic), forgotten and amended (key: the name of events that were removed for their age, or of which more is
    known now; only segments hear of it), entered and exited (key: segment id), identity (key: its kind), suppression
    (key: the kind of address, data: blocked), message (key: sent, or moved by a merge), journey (key: its id), started
    (key: the journey to come into, data: from, the journey that sends them, chain), created (a new profile, key empty),
    merged (key empty, data: from, into).
    `at` is when it happened: the time of the event; for everything else, left out, the moment it is recorded.
    """

    profile_id: int
    kind: str
    key: str = ""
    event_id: int | None = None
    data: dict[str, Any] = {}
    at: datetime | None = None


def record(changes: Sequence[NewChange], now: datetime, *, quiet: bool = False) -> set[str]:
    """Write the changes that have an interest, per consumer, and nudge those consumers after commit.

    `quiet`: what follows from them is to be true, in segments too, but no journey begins by it. Not for events.
    The caller is in a transaction and holds the row locks of the profiles, so that one profile's changes are in
    order. Returns the consumers that have something to take.
    """
    wanted = _wanted(changes) if changes else {}
    rows: list[bytes] = []
    consumers: set[str] = set()
    told: set[tuple[int, str, str]] = set()
    for one in changes if wanted else ():
        for consumer in wanted[one.kind, one.key]:
            if consumer == SEGMENTS and one.kind in FACTS:
                if (one.profile_id, one.kind, one.key) not in told:
                    told.add((one.profile_id, one.kind, one.key))
                    rows.append(_row(consumer, NewChange(one.profile_id, one.kind, one.key), now, quiet))
            else:
                rows.append(_row(consumer, one, now, quiet))
            consumers.add(consumer)
    if rows:
        sql.copy(SQL["record"], b"".join(rows))
        nudge(consumers)
    return consumers


def _row(consumer: str, one: NewChange, now: datetime, quiet: bool) -> bytes:
    event = "\\N" if one.event_id is None else one.event_id
    at = copying.moment(one.at or now)
    head = f"{consumer}\t{one.profile_id}\t{one.kind}\t{copying.text(one.key)}\t{event}\t{at}\t"
    return b"%b%b\n" % (head.encode(), copying.json(one.data | {"quiet": True} if quiet else one.data))


def heard(kind: str, keys: Collection[str]) -> set[str]:
    """Of which of these keys anybody wants to hear: a large batch need not make changes that interest nobody."""
    wanted = _asked([kind], keys)
    return set(keys) if (kind, "*") in wanted else {key for _kind, key in wanted}


def _wanted(changes: Sequence[NewChange]) -> dict[tuple[str, str], list[str]]:
    """Who hears of what: {(kind, key): consumers}. Asked first, because most changes interest nobody."""
    told = {(one.kind, one.key) for one in changes}
    asked = _asked({_heard_as(kind) for kind, _key in told}, {key for _kind, key in told})
    wanted: dict[tuple[str, str], list[str]] = {}
    for kind, key in told if asked else ():
        as_kind = _heard_as(kind)
        consumers = asked.get((as_kind, key), set()) | asked.get((as_kind, "*"), set())
        # To a journey an event that is forgotten or amended is no event.
        wanted[kind, key] = sorted(consumers & {SEGMENTS} if kind in HINDSIGHT else consumers)
    return wanted


def _asked(kinds: Collection[str], keys: Collection[str]) -> dict[tuple[str, str], set[str]]:
    bound = {"kinds": list(kinds), "keys": list(keys)}
    wanted: dict[tuple[str, str], set[str]] = {}
    with sql.bound() as cursor:
        cursor.execute(SQL["wanted"], bound)
        for kind, key, consumer in cursor.fetchall():
            wanted.setdefault((kind, key), set()).add(consumer)
    return wanted


def _heard_as(kind: str) -> str:
    return "event" if kind in HINDSIGHT else kind


def nudge(consumers: Iterable[str]) -> None:
    """After commit, tell these consumers that there is something to take."""
    for consumer in sorted(consumers):
        transaction.on_commit(partial(wake.wake, consumer))


def declare(consumer: str, owner: str, interests: Iterable[tuple[str, str]]) -> None:
    """`owner` (say "version:7") wants exactly these (kind, key) for `consumer`; key "*" means every key of the kind."""
    with transaction.atomic():
        withdraw(consumer, owner)
        Interest.objects.bulk_create(
            [Interest(consumer=consumer, owner=owner, kind=kind, key=key) for kind, key in sorted(set(interests))],
            ignore_conflicts=True,
        )


def withdraw(consumer: str, owner: str) -> None:
    """`owner` wants to hear of nothing any more."""
    Interest.objects.filter(consumer=consumer, owner=owner).delete()
