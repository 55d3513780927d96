"""Writing memberships: evaluate some segments for some profiles, store what is different, tell who entered and left.

The caller holds the shards of the profiles and has read the conditions while holding them, so that an older answer
never overwrites a newer one. Every change is noted in the history by the statement that makes it.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

from omnichannel.shared import sql
from profiles.segments import evaluate
from profiles.segments.ast import Condition, ConditionError, parse
from profiles.services.changes import nudge

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "membership.sql")
SHARDS: Final = 16
SPACE: Final = 0x7365_676D  # the lock space of memberships

QUIET: Final = "quiet:"  # before the reason of what may not let a journey begin; any other reason comes first

Moves = dict[tuple[int, str], set[int]]  # (segment id, reason): profiles


@dataclass(frozen=True, slots=True)
class Touched:
    """A segment that has to look at some profiles again, and why: of several reasons the first one counts.

    `tell`: it has been built before, so whoever enters or leaves is announced.
    """

    condition: Condition
    reasons: dict[str, set[int]]
    tell: bool = True

    @property
    def profiles(self) -> set[int]:
        """Whom it has to look at."""
        return set().union(*self.reasons.values())

    def moves(self, segment: int, profiles: set[int]) -> Moves:
        """These enter or leave."""
        found: Moves = {}
        for reason, who in sorted(self.reasons.items(), key=lambda one: one[0].startswith(QUIET)):
            if part := profiles & who:
                found[segment, reason] = part
                profiles = profiles - part
        return found


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


def compare(touched: Mapping[int, Touched], now: datetime) -> tuple[Moves, Moves]:
    """Who is to enter and who to leave."""
    looked_at = {segment: one.profiles for segment, one in touched.items()}
    profiles = sorted(set().union(*looked_at.values()))
    entering: Moves = {}
    leaving: Moves = {}
    if not profiles:
        return entering, leaving
    facts = evaluate.load([one.condition for one in touched.values()], profiles, now)
    members = dict(rows("members_of", {"segments": list(touched), "profiles": profiles}))
    for segment, one in touched.items():
        inside = evaluate.among(one.condition, looked_at[segment], facts)
        before = looked_at[segment].intersection(members.get(segment, ()))
        entering |= one.moves(segment, inside - before)
        leaving |= one.moves(segment, before - inside)
    return entering, leaving


def write(entering: Moves, leaving: Moves, now: datetime, silent: Collection[int] = ()) -> tuple[int, int]:
    """Write differences and tell who entered and left, except of silent segments; how many did."""
    entered = _move("enter", entering, now, silent)
    left = _move("leave", leaving, now, silent)
    if entered or left:
        resize(entered, left, now)
    return sum(entered.values()), sum(left.values())


def _move(statement: str, moves: Moves, now: datetime, silent: Collection[int]) -> dict[int, int]:
    """How many moved, by segment."""
    listed = [
        {"segment": segment, "reason": reason, "profiles": list(profiles)}
        for (segment, reason), profiles in moves.items()
        if profiles
    ]
    if not listed:
        return {}
    args = {"moves": msgspec.json.encode(listed).decode(), "now": now, "silent": list(silent)}
    moved = rows(statement, args)
    nudge({consumer for _segment, _number, consumers in moved for consumer in consumers})
    return {segment: number for segment, number, _consumers in moved}


@lru_cache(maxsize=4096)
def read(text: str) -> Condition | None:
    """A stored condition; None when it cannot be understood any more."""
    try:
        return parse(json.loads(text))
    except ConditionError:
        return None


def rows(statement: str, args: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a named statement."""
    with sql.bound() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())


def execute(statement: str, args: Mapping[str, Any]) -> int:
    """Run a named statement; how many rows it changed."""
    with sql.bound() as cursor:
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
