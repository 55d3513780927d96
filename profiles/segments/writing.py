"""Writing memberships: evaluate some segments for some profiles, store what is different, tell who entered and left.

The caller holds the shards of the profiles, so that an older answer never overwrites a newer one.
"""

import json
from collections import Counter
from collections.abc import Mapping
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

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "segments.sql")
SHARDS: Final = 16
SPACE: Final = 0x7365_676D  # the lock space of memberships

Pair = tuple[int, int]  # segment id, profile id


@dataclass(frozen=True, slots=True)
class Touched:
    """A live segment that has to look at some profiles again; `reasons` says why, for each."""

    condition: Condition
    reasons: dict[int, str]


def claim_shards() -> list[int]:
    """Lock the shards that nobody else works on, until this transaction ends."""
    return [row[0] for row in rows("claim_shards", {"shards": SHARDS, "space": SPACE})]


def update(touched: Mapping[int, Touched], now: datetime) -> int:
    """Evaluate the touched segments for their profiles and write what is different. The caller holds the shards."""
    profiles = sorted({profile for one in touched.values() for profile in one.reasons})
    if not profiles:
        return 0
    facts = evaluate.load([one.condition for one in touched.values()], profiles, now)
    members = set(rows("members_of", {"segments": list(touched), "profiles": profiles}))
    entering: dict[Pair, str] = {}
    leaving: dict[Pair, str] = {}
    for segment, one in touched.items():
        for profile, reason in one.reasons.items():
            inside = evaluate.holds_for(one.condition, profile, facts)
            if inside is not ((segment, profile) in members):
                (entering if inside else leaving)[segment, profile] = reason
    return _write(entering, leaving, now)


def hold_all_shards() -> None:
    """Keep every other writer of memberships waiting until this transaction ends."""
    execute("hold_shards", {"shards": SHARDS, "space": SPACE})


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


def _write(entering: Mapping[Pair, str], leaving: Mapping[Pair, str], now: datetime) -> int:
    """Write the differences, and tell who entered and who left."""
    entered = rows("enter", _columns(entering) | {"now": now}) if entering else []
    left = rows("leave", _columns(leaving)) if leaving else []
    if not entered and not left:
        return 0
    by = Counter(segment for segment, _ in entered)
    by.subtract(segment for segment, _ in left)
    execute("resize", {"segments": list(by), "by": list(by.values())})
    news = [_news("entered", pair, entering[pair]) for pair in entered]
    news += [_news("exited", pair, leaving[pair]) for pair in left]
    record(news, now)
    return len(news)


def _columns(pairs: Mapping[Pair, str]) -> dict[str, list[Any]]:
    return {
        "segments": [segment for segment, _ in pairs],
        "profiles": [profile for _, profile in pairs],
        "reasons": list(pairs.values()),
    }


def _news(kind: str, pair: Pair, reason: str) -> NewChange:
    segment, profile = pair
    return NewChange(profile_id=profile, kind=kind, key=str(segment), data={"reason": reason})
