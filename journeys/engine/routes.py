"""Which changes concern which versions: built from the compiled graphs, kept while the set of versions is the same."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from journeys.engine import graph
from journeys.engine.exits import ExitRule
from journeys.engine.graph import Graph
from journeys.engine.regrets import Point
from journeys.tally import Bump, bump
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "inbox.sql")


@dataclass(frozen=True, slots=True)
class Routes:
    """By the (kind, key) of a change: entries, for versions that take people in; goals and listening nodes, for all."""

    entries: dict[tuple[str, str], list[tuple[Graph, tuple[int, ...]]]]
    goals: dict[str, list[Graph]]
    listeners: dict[tuple[str, str], list[int]]
    versions: dict[tuple[str, str], list[int]]  # → versions with a listening node
    regrets: dict[tuple[str, str], list[Point]]  # → branches that would have gone otherwise
    exits: dict[tuple[str, str], list[tuple[int, ExitRule]]]  # → versions, and the rules by which people leave them
    circling: frozenset[tuple[str, str]]  # those that bring people in and may follow from what journeys do


def current() -> Routes:
    """The routes of this moment: one statement, and the graphs that this process has not seen yet."""
    with sql.bound() as cursor:
        cursor.execute(SQL["versions"])
        return _routes(tuple(cursor.fetchall()))


@lru_cache(maxsize=16)
def _routes(versions: tuple[tuple[int, bool], ...]) -> Routes:
    entries: dict[tuple[str, str], list[tuple[Graph, tuple[int, ...]]]] = defaultdict(list)
    goals: dict[str, list[Graph]] = defaultdict(list)
    listeners: dict[tuple[str, str], list[int]] = defaultdict(list)
    listening: dict[tuple[str, str], list[int]] = defaultdict(list)
    regrets: dict[tuple[str, str], list[Point]] = defaultdict(list)
    exits: dict[tuple[str, str], list[tuple[int, ExitRule]]] = defaultdict(list)
    caused: set[tuple[str, str]] = set()
    for version_id, open_ in versions:
        compiled = graph.load(version_id)
        caused |= {change for node in compiled.nodes.values() for change in node.causes()}
        for change, nodes in compiled.entries.items():
            if open_:
                entries[change].append((compiled, nodes))
        if compiled.goal:
            goals[compiled.goal.event].append(compiled)
        for change, waiting in compiled.listeners.items():
            listeners[change].extend(waiting)
            listening[change].append(version_id)
        for change, branches in compiled.regrets.items():
            regrets[change].extend(branches)
        for change, rules in compiled.exits.items():
            exits[change].extend((version_id, rule) for rule in rules)
    circling = frozenset(caused & entries.keys())
    return Routes(dict(entries), dict(goals), dict(listeners), dict(listening), dict(regrets), dict(exits), circling)


def count_exits(left: Mapping[tuple[int, int], int], now: datetime) -> None:
    """Count people who were taken out, {(version, node at which they stood): how many}."""
    bumps: list[Bump] = []
    for (version, node), n in left.items():
        at = graph.load(version)
        bumps.append(Bump(at.journey_id, version, at.home, "exited", n))
        bumps.append(Bump(at.journey_id, version, node, "taken_out", n))
    bump(bumps, now)
