"""Conditions in plain Python, for a batch of profiles whose facts are loaded together.

The number of statements is the same for one condition and for a hundred, for one profile and for a thousand.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db import connection

from omnichannel.shared import sql
from profiles.segments.ast import (
    Attribute,
    Condition,
    Event,
    Group,
    InSegment,
    PropertyFilter,
    Unfinished,
    leaves,
    segments_in,
)
from profiles.segments.compiler import usable_segments
from profiles.segments.operators import holds

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "segments.sql")
EVER: Final = datetime(1, 1, 2, tzinfo=UTC)

Counted = tuple[str, datetime]  # event name, since


@dataclass(slots=True)
class Facts:
    """All that the conditions may ask about some profiles. Merged and unknown profiles have none and match nothing."""

    now: datetime
    attributes: dict[int, dict[str, Any]] = field(default_factory=dict)
    counts: dict[tuple[int, Counted], int] = field(default_factory=dict)
    events: dict[tuple[int, str], list[tuple[datetime, dict[str, Any]]]] = field(default_factory=dict)
    members: dict[int, set[int]] = field(default_factory=dict)
    usable: set[int] = field(default_factory=set)


def matches(conditions: Sequence[Condition], profile_ids: Sequence[int], now: datetime) -> dict[Condition, set[int]]:
    """Who of the profiles matches each condition."""
    facts = load(conditions, profile_ids, now)
    return {c: {ident for ident in facts.attributes if holds_for(c, ident, facts)} for c in conditions}


def where_holds(filters: Sequence[PropertyFilter], properties: Mapping[str, Any], now: datetime) -> bool:
    """Whether all the property filters hold."""
    return all(holds(one.op, properties, one.field, one.value, now) for one in filters)


def holds_for(condition: Condition, profile_id: int, facts: Facts) -> bool:
    """Whether one profile matches. Nobody does, where a segment it asks about cannot be asked."""
    if profile_id not in facts.attributes or segments_in(condition) - facts.usable:
        return False
    return _holds(condition, profile_id, facts)


def load(conditions: Sequence[Condition], profile_ids: Sequence[int], now: datetime) -> Facts:
    """The facts that the conditions ask for: at most one statement per kind of fact."""
    asked = [leaf for condition in conditions for leaf in leaves(condition)]
    facts = Facts(now)
    wanted = sorted(set(profile_ids))
    facts.attributes = {ident: loads(raw) for ident, raw in _rows("attributes", {"profiles": wanted})}
    there = list(facts.attributes)
    events = [leaf for leaf in asked if isinstance(leaf, Event)]
    counted = sorted({_counted(leaf, now) for leaf in events if not leaf.where})
    if counted and there:
        args = {"profiles": there, "names": [name for name, _ in counted], "since": [since for _, since in counted]}
        facts.counts = {(ident, counted[place - 1]): n for ident, place, n in _rows("event_counts", args)}
    _load_events([leaf for leaf in events if leaf.where], there, facts)
    segments = {leaf.segment for leaf in asked if isinstance(leaf, InSegment)}
    facts.usable = usable_segments(segments)
    if facts.usable and there:
        members: dict[int, set[int]] = defaultdict(set)
        for segment, ident in _rows("members_of", {"profiles": there, "segments": sorted(facts.usable)}):
            members[segment].add(ident)
        facts.members = members
    return facts


def loads(raw: str) -> dict[str, Any]:
    """JSON with exact numbers."""
    found = json.loads(raw, parse_float=Decimal)
    return found if isinstance(found, dict) else {}


def _load_events(asked: Sequence[Event], there: Sequence[int], facts: Facts) -> None:
    """Events whose properties matter, back to the earliest moment that any condition looks at."""
    since: dict[str, datetime] = {}
    for leaf in asked:
        name, start = _counted(leaf, facts.now)
        since[name] = min(start, since.get(name, start))
    if not since or not there:
        return
    events = defaultdict(list)
    args = {"profiles": list(there), "names": list(since), "since": list(since.values())}
    for ident, name, occurred_at, raw in _rows("events", args):
        events[ident, name].append((occurred_at, loads(raw)))
    facts.events = events


def _counted(event: Event, now: datetime) -> Counted:
    return event.event, now - event.within.length if event.within else EVER


def _rows(statement: str, args: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())


def _holds(condition: Condition, ident: int, facts: Facts) -> bool:
    match condition:
        case Group("all", of):
            return all(_holds(child, ident, facts) for child in of)
        case Group("any", of):
            return any(_holds(child, ident, facts) for child in of)
        case Group("none", of):
            return not any(_holds(child, ident, facts) for child in of)
        case Attribute(path, op, value):
            return holds(op, facts.attributes[ident], path, value, facts.now)
        case Event():
            return _did(condition, ident, facts)
        case InSegment(segment, member):
            return (ident in facts.members.get(segment, ())) is member
        case Unfinished() | Group():
            return False


def _did(event: Event, ident: int, facts: Facts) -> bool:
    counted = _counted(event, facts.now)
    if event.where:
        found = sum(
            at > counted[1] and where_holds(event.where, properties, facts.now)
            for at, properties in facts.events.get((ident, event.event), ())
        )
    else:
        found = facts.counts.get((ident, counted), 0)
    n = event.count.n
    enough = {"at_least": found >= n, "at_most": found <= n, "exactly": found == n}[event.count.op]
    return enough is event.did
