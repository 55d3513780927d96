"""Writing memberships: evaluate some segments for some profiles, store what is different, tell who entered and left.

The caller holds the shards of the profiles and has read the conditions while holding them, so that an older answer
never overwrites a newer one. Every change is noted in the history by the statement that makes it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.db import connection

from omnichannel.shared import sql
from profiles.segments import evaluate
from profiles.segments.ast import Condition, ConditionError, parse
from profiles.services.changes import NewChange, record

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "membership.sql")
SHARDS: Final = 16
SPACE: Final = 0x7365_676D  # the lock space of memberships

Pair = tuple[int, int]  # segment id, profile id


@dataclass(frozen=True, slots=True)
class Touched:
    """A segment that has to look at some profiles again; `reasons` says why, for each.

    `tell`: it has been built before, so whoever enters or leaves is announced.
    """

    condition: Condition
    reasons: dict[int, str]
    tell: bool = True


def claim_shards() -> list[int]:
    """Lock the shards that nobody else works on, until this transaction ends."""
    return [row[0] for row in rows("claim_shards", {"shards": SHARDS, "space": SPACE})]


def hold_shards(wanted: Collection[int]) -> None:
    """Wait for these shards, and keep them until this transaction ends."""
    execute("hold_shards", {"wanted": sorted(wanted), "space": SPACE})


def hold_all_shards() -> None:
    """Keep every other writer of memberships waiting until this transaction ends."""
    hold_shards(range(SHARDS))


def shards_of(profiles: Collection[int]) -> set[int]:
    """Where these profiles belong."""
    return {profile % SHARDS for profile in profiles}


def update(touched: Mapping[int, Touched], now: datetime) -> tuple[int, int]:
    """Evaluate the touched segments for their profiles and write what is different: how many entered and left."""
    entering, leaving = compare(touched, now)
    return write(entering, leaving, now, silent={segment for segment, one in touched.items() if not one.tell})


def compare(touched: Mapping[int, Touched], now: datetime) -> tuple[dict[Pair, str], dict[Pair, str]]:
    """Who is to enter and who to leave, with the reasons."""
    profiles = sorted({profile for one in touched.values() for profile in one.reasons})
    entering: dict[Pair, str] = {}
    leaving: dict[Pair, str] = {}
    if not profiles:
        return entering, leaving
    facts = evaluate.load([one.condition for one in touched.values()], profiles, now)
    members: dict[int, set[int]] = defaultdict(set)
    for segment, profile in rows("members_of", {"segments": list(touched), "profiles": profiles}):
        members[segment].add(profile)
    for segment, one in touched.items():
        inside = evaluate.among(one.condition, one.reasons, facts)
        before = members[segment] & one.reasons.keys()
        entering |= {(segment, profile): one.reasons[profile] for profile in inside - before}
        leaving |= {(segment, profile): one.reasons[profile] for profile in before - inside}
    return entering, leaving


def write(
    entering: Mapping[Pair, str], leaving: Mapping[Pair, str], now: datetime, silent: Collection[int] = ()
) -> tuple[int, int]:
    """Write differences and tell who entered and left, except of silent segments; how many did."""
    entered = rows("enter", _columns(entering) | {"now": now}) if entering else []
    left = rows("leave", _columns(leaving) | {"now": now}) if leaving else []
    if not entered and not left:
        return 0, 0
    resize(Counter(segment for segment, _ in entered), Counter(segment for segment, _ in left), now)
    news = [_news("entered", pair, entering[pair]) for pair in entered if pair[0] not in silent]
    news += [_news("exited", pair, leaving[pair]) for pair in left if pair[0] not in silent]
    record(news, now)
    return len(entered), len(left)


@lru_cache(maxsize=4096)
def read(text: str) -> Condition | None:
    """A stored condition; None when it cannot be understood any more."""
    try:
        return parse(json.loads(text))
    except ConditionError:
        return None


def rows(statement: str, args: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a named statement."""
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())


def execute(statement: str, args: Mapping[str, Any]) -> int:
    """Run a named statement; how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], args)
        return int(cursor.rowcount)


def resize(entered: Mapping[int, int], exited: Mapping[int, int], now: datetime) -> None:
    """So many entered and left these segments."""
    segments = sorted({*entered, *exited})
    args = {
        "segments": segments,
        "entered": [entered.get(segment, 0) for segment in segments],
        "exited": [exited.get(segment, 0) for segment in segments],
    }
    execute("resize", args | {"hour": hour(now)})


def correct(sizes: Mapping[int, int], now: datetime) -> None:
    """The sizes change by so much without anybody having come or gone."""
    execute("correct", {"segments": list(sizes), "by": list(sizes.values()), "hour": hour(now)})


def hour(moment: datetime) -> datetime:
    """The full hour before."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _columns(pairs: Mapping[Pair, str]) -> dict[str, list[Any]]:
    return {
        "segments": [segment for segment, _ in pairs],
        "profiles": [profile for _, profile in pairs],
        "reasons": list(pairs.values()),
    }


def _news(kind: str, pair: Pair, reason: str) -> NewChange:
    segment, profile = pair
    return NewChange(profile_id=profile, kind=kind, key=str(segment), data={"reason": reason})
