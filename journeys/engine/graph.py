"""A version compiled for walking. Published versions never change, so each process compiles one once."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final

from django.db.models import Q

from journeys.contracts.step import Need
from journeys.engine import exits
from journeys.engine.admission import Rules, rules
from journeys.engine.exits import ExitRule
from journeys.engine.regrets import Point, points
from journeys.models import Edge, Node, Version
from profiles.segments.ast import ConditionError, parse_where
from profiles.segments.filters import PropertyFilter

MERGED: Final = (("merged", "*"), ("unmerged", "*"))


@dataclass(frozen=True, slots=True)
class Goal:
    """The event that counts as success. `where` None: it cannot be understood, nobody reaches it."""

    event: str
    where: tuple[PropertyFilter, ...] | None
    window: timedelta
    exits: bool


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by id, lines by (node id, port), and what the engine must know about them beforehand.

    Among the nodes are guests: nodes of former versions at which somebody finishes a wait as it was. A guest decides by
    its own settings, and leads on along the lines of the node that has its key in this version.
    """

    version_id: int
    journey_id: int
    rules: Rules
    timezone: str
    topic_id: int | None
    goal: Goal | None
    nodes: dict[int, Node]
    ids: dict[str, int]
    lines: dict[tuple[int, str], int]
    needs: dict[int, tuple[Need, ...]]
    listeners: dict[tuple[str, str], frozenset[int]]  # (kind, key) of a change → nodes at which it may wake somebody
    entries: dict[tuple[str, str], tuple[int, ...]]  # (kind, key) of a change → entry nodes
    regrets: dict[tuple[str, str], tuple[Point, ...]]  # (kind, key) of a change → branches it speaks against
    exits: dict[tuple[str, str], tuple[ExitRule, ...]]  # (kind, key) of a change → rules by which people leave early
    home: int  # the node that journey-wide counters are kept on: the first entry

    def interests(self, *, entries: bool) -> list[tuple[str, str]]:
        """The changes this version must hear of; without `entries` only for those who are inside already."""
        wanted = [*self.listeners, *MERGED]
        if self.goal:
            wanted.append(("event", self.goal.event))
        wanted += list(self.exits)
        return wanted + list(self.entries) if entries else wanted


@lru_cache(maxsize=512)
def load(version_id: int) -> Graph:
    """The graph of a published version, from this process's memory after the first time."""
    version = Version.objects.get(pk=version_id)
    if version.state == Version.State.DRAFT:
        raise ValueError(f"Version {version_id} is a draft: it may still change.")
    return build(version)


def build(version: Version) -> Graph:
    """Compile a version: a handful of statements, whatever its size."""
    drawn = Q(version=version) | Q(pk__in=version.guests)
    nodes = {node.pk: node for node in Node.objects.filter(drawn).order_by("id")}
    own = {node.key: ident for ident, node in nodes.items() if node.version_id == version.pk}
    for node in nodes.values():
        for name in node.loads:
            getattr(node, name)
    listeners: dict[tuple[str, str], set[int]] = {}
    entries: dict[tuple[str, str], list[int]] = {}
    for ident, node in nodes.items():
        for change in node.listens_to():
            listeners.setdefault(change, set()).add(ident)
        for change in node.starts_on() if ident in own.values() else ():
            entries.setdefault(change, []).append(ident)
    lines = {(e.source_id, e.port): e.target_id for e in Edge.objects.filter(version=version)}
    for guest in version.guests:
        lines |= {(guest, port): to for (ident, port), to in lines.items() if ident == own.get(nodes[guest].key)}
    for ident, node in nodes.items():
        if (target := own.get(node.jumps_to() or "")) is not None:
            lines[ident, "next"] = target
    return Graph(
        version_id=version.pk,
        journey_id=version.journey_id,
        rules=rules(version),
        timezone=version.timezone,
        topic_id=version.topic_id,
        goal=_goal(version),
        nodes=nodes,
        ids=own,
        lines=lines,
        needs={ident: node.needs() for ident, node in nodes.items()},
        listeners={change: frozenset(idents) for change, idents in listeners.items()},
        entries={change: tuple(idents) for change, idents in entries.items()},
        regrets=points(nodes, lines),
        exits=exits.compiled(version),
        home=next((ident for ident in own.values() if nodes[ident].is_entry), 0),
    )


def _goal(version: Version) -> Goal | None:
    if not version.goal_event:
        return None
    try:
        where = parse_where(version.goal_where)
    except ConditionError:
        where = None
    return Goal(version.goal_event, where, timedelta(hours=version.goal_window_hours), version.goal_exits)
