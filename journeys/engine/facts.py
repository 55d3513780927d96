"""Loads what nodes need to decide: one statement per kind of need, whatever the number of people."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from journeys.contracts.step import (
    Answer,
    AnswerFact,
    Attributes,
    Engagement,
    EngagementFact,
    Happened,
    Matches,
    Need,
    Trigger,
    TriggerName,
    Turn,
)
from journeys.engine import gates
from journeys.engine.graph import Graph
from journeys.engine.kept import Answered, Looked
from journeys.engine.transition import NOTHING, Walk
from omnichannel.shared import sql
from profiles.segments import evaluate
from profiles.segments.ast import Condition, ConditionError, parse, parse_where
from profiles.segments.filters import PropertyFilter, where_holds
from profiles.segments.values import loads

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "facts.sql")

Asked = Sequence[tuple[Walk, Any]]  # who needs what, all of one kind
Found = list[Any]  # the values in the same order


def load(graph: Graph, walks: Sequence[Walk], now: datetime) -> list[Mapping[Need, Any]]:
    """For each walk the facts that its present node needs."""
    facts: list[dict[Need, Any]] = []
    asked: dict[type, list[tuple[Walk, Any]]] = defaultdict(list)
    places: dict[type, list[int]] = defaultdict(list)
    for place, walk in enumerate(walks):
        facts.append({})
        for need in graph.needs[walk.node_id]:
            asked[type(need)].append((walk, need))
            places[type(need)].append(place)
    for kind, rows in asked.items():
        for place, (_walk, need), value in zip(places[kind], rows, LOADERS[kind](graph, rows, now), strict=True):
            facts[place][need] = value
    return [found or NOTHING for found in facts]


def _attributes(graph: Graph, asked: Asked, now: datetime) -> Found:
    rows = dict(_rows("attributes", {"profiles": [walk.profile_id for walk, _ in asked]}))
    return [Looked(loads(rows.get(walk.profile_id, "{}"))) for walk, _ in asked]


def _trigger(graph: Graph, asked: Asked, now: datetime) -> Found:
    events = [walk.trigger_event_id for walk, _ in asked if walk.trigger_event_id]
    rows = dict(_rows("triggers", {"events": events}))
    return [Looked(loads(rows.get(walk.trigger_event_id, "{}"))) for walk, _ in asked]


def _trigger_name(graph: Graph, asked: Asked, now: datetime) -> Found:
    events = [walk.trigger_event_id for walk, _ in asked if walk.trigger_event_id]
    rows = dict(_rows("trigger_names", {"events": events}))
    return [rows.get(walk.trigger_event_id, "") for walk, _ in asked]


def _happened(graph: Graph, asked: Asked, now: datetime) -> Found:
    """The first such event after the node was entered, by the event's own time."""
    values: Found = [None] * len(asked)
    plain = [n for n, (_, need) in enumerate(asked) if need.where == "[]"]
    for place, occurred_at in _rows("happened", _since(asked, plain)):
        values[plain[place - 1]] = occurred_at
    filtered = [n for n, (_, need) in enumerate(asked) if need.where != "[]"]
    if filtered:
        for place, occurred_at, properties in _rows("happened_where", _since(asked, filtered)):
            n = filtered[place - 1]
            if values[n] is None and holds(asked[n][1].where, loads(properties), now):
                values[n] = occurred_at
    return values


def _since(asked: Asked, places: Sequence[int]) -> dict[str, list[Any]]:
    chosen = [asked[n] for n in places]
    return {
        "profile": [walk.profile_id for walk, _ in chosen],
        "name": [need.name for _, need in chosen],
        "since": [walk.node_entered_at for walk, _ in chosen],
    }


def _engagement(graph: Graph, asked: Asked, now: datetime) -> Found:
    values: Found = [None] * len(asked)
    args = {
        "enrollment": [walk.enrollment_id for walk, _ in asked],
        "key": [need.node_key for _, need in asked],
    }
    for place, *message in _rows("engagement", args):
        values[place - 1] = EngagementFact(*message)
    return values


def _answers(graph: Graph, asked: Asked, now: datetime) -> Found:
    values: Found = [None] * len(asked)
    own = [graph.nodes[walk.node_id].key == need.node_key for walk, need in asked]
    args = {
        "enrollment": [walk.enrollment_id for walk, _ in asked],
        "key": [need.node_key for _, need in asked],
        "visit": [walk.visit if here else None for (walk, _), here in zip(asked, own, strict=True)],
    }
    for place, ok, at, result, value, status in _rows("answers", args):
        values[place - 1] = AnswerFact(ok, at, result, said(loads(value) if value else None, status))
    return values


def said(value: Any, status: int | None) -> dict[str, Any]:
    """An answer as branches and templates see it: always an object, with the status of HTTP where there is one."""
    told = value if isinstance(value, dict) else {} if value is None else {"value": value}
    return told if status is None else {"status": status, **told}


def _matches(graph: Graph, asked: Asked, now: datetime) -> Found:
    """A condition that cannot be understood matches nobody."""
    conditions = {need.condition: condition(need.condition) for _, need in asked}
    known = list({one for one in conditions.values() if one is not None})
    if not known:
        return [False] * len(asked)
    facts = evaluate.load(known, [walk.profile_id for walk, _ in asked], now)
    people = {one: evaluate.among(one, facts.people, facts) for one in known}
    return [
        (one := conditions[need.condition]) is not None
        and Answered(walk.profile_id in people[one], one, walk.profile_id, facts)
        for walk, need in asked
    ]


LOADERS: Final[Mapping[type, Callable[[Graph, Asked, datetime], Found]]] = {
    Attributes: _attributes,
    Trigger: _trigger,
    TriggerName: _trigger_name,
    Happened: _happened,
    Engagement: _engagement,
    Matches: _matches,
    Answer: _answers,
    Turn: gates.turns,
}


@lru_cache(maxsize=2048)
def condition(text: str) -> Condition | None:
    """The condition behind a need's JSON text; None where it cannot be understood."""
    try:
        return parse(loads(text))
    except ConditionError:
        return None


@lru_cache(maxsize=2048)
def _filters(text: str) -> tuple[PropertyFilter, ...] | None:
    try:
        return parse_where(json.loads(text))
    except ConditionError:
        return None


def holds(where: str, properties: Mapping[str, Any], now: datetime) -> bool:
    """Do the property filters, as JSON text, hold? Those that cannot be understood never do."""
    filters = _filters(where)
    return filters is not None and where_holds(filters, properties, now)


def _rows(statement: str, args: dict[str, Any]) -> Iterable[tuple[Any, ...]]:
    with sql.bound() as cursor:
        cursor.execute(SQL[statement], args)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
