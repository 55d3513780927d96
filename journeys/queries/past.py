"""The lives of people as they were, read piece by piece: as many statements for a thousand people as for one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from django.db import connection

from journeys.contracts.step import Happened, Matches
from journeys.engine import facts
from journeys.engine.graph import Graph
from journeys.engine.known import Beside
from journeys.engine.lives import Became, Did, Joined, Left, Life
from omnichannel.accounts.models import Workspace
from omnichannel.shared import sql
from profiles.segments.ast import Condition, lost, questions
from profiles.segments.history import EVER
from profiles.segments.kinds.attribute import Attribute
from profiles.segments.kinds.event import Event
from profiles.segments.kinds.segment import InSegment
from profiles.segments.kinds.sequence import InOrder
from profiles.segments.operators import OPERATORS
from profiles.segments.values import loads

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "past.sql")
REMEMBERED: Final = (Attribute, Event, InOrder, InSegment)  # what is known as it was then
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATELY: Final = timedelta(days=90)
AT_ONCE: Final = 10_000


@dataclass(frozen=True)
class Past:
    """What a drawing may ask about the time from `start` to `end`."""

    graph: Graph
    start: datetime
    end: datetime

    @cached_property
    def conditions(self) -> list[Condition]:
        """Those that steps ask."""
        texts = {n.condition for needs in self.graph.needs.values() for n in needs if isinstance(n, Matches)}
        return [one for text in sorted(texts) if (one := facts.condition(text)) is not None]

    @cached_property
    def heard(self) -> set[tuple[str, str]]:
        """The changes that count: they bring in, wake, take out, reach the goal."""
        goal = {("event", self.graph.goal.event)} if self.graph.goal else set()
        return {*self.graph.entries, *self.graph.listeners, *self.graph.exits, *goal}

    @cached_property
    def asked(self) -> set[tuple[str, str]]:
        """The changes that answers rest on, however long ago they were."""
        return {one for listed in questions(self.conditions).values() for leaf in listed for one in leaf.interests()}

    @cached_property
    def days(self) -> bool:
        """Whether anything asks for whole days, which are those of the workspace."""
        goal = self.graph.goal.where if self.graph.goal else ()
        told = [goal, *(rule.where for rules in self.graph.exits.values() for rule in rules)]
        asked = any(OPERATORS[one.op].days for where in told for one in where or ())
        return asked or any(_asks_days(node.config()) for node in self.graph.nodes.values())

    def names(self) -> dict[str, datetime]:
        """The events to read, and from when on."""
        waited = {n.name for needs in self.graph.needs.values() for n in needs if isinstance(n, Happened)}
        names = dict.fromkeys(waited | _keys(self.heard, "event"), self.start)
        return names | dict.fromkeys(_keys(self.asked, "event"), EVER)

    def crowds(self) -> list[tuple[int | None, str]]:
        """Whom entries by the clock look at: the segment, the attribute."""
        days = {self.start.date(), self.end.date()}
        nodes = [node for node in self.graph.nodes.values() if node.is_entry]
        found = [crowd for node in nodes for day in days if (crowd := node.crowd(day))]
        return [(crowd.segment_id, crowd.path.split(".")[0]) for crowd in found]

    def segments(self) -> list[int]:
        """The segments whose comings and goings count."""
        known = {segment for segment, _path in self.crowds() if segment}
        for kind in ("entered", "exited"):
            known |= {int(key) for key in _keys(self.heard | self.asked, kind)}
        return sorted(known)


def candidates(past: Past) -> Iterator[int]:
    """Everybody who may have come in, by their number. Whoever is not among them has not."""
    entries = set(past.graph.entries)
    bound: dict[str, Any] = {
        "events": sorted(_keys(entries, "event")),
        "entered": [int(key) for key in _keys(entries, "entered")],
        "exited": [int(key) for key in _keys(entries, "exited")],
        "attributes": sorted(_keys(entries, "attribute")),
        "members": [segment for segment, _path in past.crowds() if segment],
        "dates": [path for segment, path in past.crowds() if path and not segment],
        "start": past.start,
        "end": past.end,
    }
    with connection.chunked_cursor() as cursor:
        cursor.execute(SQL["candidates"], bound)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from (row[0] for row in rows)


def lives(past: Past, ids: Sequence[int]) -> list[Life]:
    """These people from the start on: four statements."""
    found = {ident: Life(ident, loads(raw)) for ident, raw in _rows("attributes", {"profiles": ids})}
    _changes(found, past)
    _stays(found, past)
    mixed = [life for life in found.values() if life.items]  # events alone are in order
    names = past.names()
    bound = {"profiles": ids, "names": list(names), "since": list(names.values()), "end": past.end}
    for profile, raw in _rows("events", bound):
        life = found[profile]
        for ident, name, micros, properties in _json(raw):
            event = Did(EPOCH + timedelta(microseconds=micros), name, properties or {}, ident)
            (life.items if event.at > past.start else life.before).append(event)
    for life in mixed:
        # What joins a segment is told after what was done at the same moment: segments follow the profiles.
        life.items.sort(key=lambda item: (item.at, isinstance(item, Joined | Left)))
    return list(found.values())


def _changes(found: Mapping[int, Life], past: Past) -> None:
    """Attributes go back to what they were, and become what they are at their moments."""
    for profile, name, old, new, at in _rows("changes", {"profiles": list(found), "start": past.start}):
        life = found[profile]
        values = {name: _json(new)} if name else (_json(new) or {})
        if at <= past.end:
            life.items.append(Became(at, values))
        for each in values:
            life.attributes.pop(each, None)
        if name and old is not None:
            life.attributes[name] = _json(old)
    for life in found.values():
        life.items.reverse()


def _stays(found: Mapping[int, Life], past: Past) -> None:
    bound = {"segments": past.segments(), "profiles": list(found), "start": past.start}
    for segment, profile, since, until in _rows("stays", bound) if bound["segments"] else ():
        life = found[profile]
        if since <= past.start:
            life.segments[segment] = since
        elif since <= past.end:
            life.items.append(Joined(since, segment))
        if until is not None and until <= past.end:
            life.items.append(Left(until, segment))


def beside(past: Past, found: Sequence[Life], now: datetime) -> Beside:
    """What else is asked about, as it is today: consents, lists, companies …"""
    people = {life.profile_id: life.attributes for life in found}
    asked = {kind: listed for kind, listed in questions(past.conditions).items() if kind not in REMEMBERED}
    loaded = {kind: kind.load(listed, people, now) for kind, listed in asked.items()} if people else {}
    return Beside(loaded, lost(past.conditions), Workspace.get().zone)


def shares(now: datetime) -> tuple[int, int]:
    """Of a hundred messages sent lately, so many were opened and clicked. (0, 0): none were sent."""
    sent = opened = clicked = 0
    for _channel, *counts in _rows("shares", {"since": now - LATELY}):
        if counts[1]:  # a channel that does not tell has none
            sent, opened, clicked = (a + int(b) for a, b in zip((sent, opened, clicked), counts, strict=True))
    return (round(100 * opened / sent), round(100 * clicked / sent)) if sent else (0, 0)


def _asks_days(value: Any) -> bool:
    """Whether a comparison of days stands anywhere in the settings of a step."""
    if isinstance(value, dict):
        op = value.get("op")
        return (isinstance(op, str) and op in OPERATORS and OPERATORS[op].days) or any(map(_asks_days, value.values()))
    if isinstance(value, str) and value.startswith(("[", "{")):
        return '"op"' in value
    return isinstance(value, list) and any(map(_asks_days, value))


def _keys(changes: set[tuple[str, str]], kind: str) -> set[str]:
    return {key for one, key in changes if one == kind}


def _json(raw: str | None) -> Any:
    return loads(f'{{"value": {raw}}}')["value"] if raw is not None else None


def _rows(statement: str, args: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())
