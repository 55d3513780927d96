"""Whose clock counts: the customer's own, else the journey's, else the workspace's. See docs/time.md."""

from collections.abc import Mapping
from datetime import UTC
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from journeys.contracts.step import Attributes
from journeys.engine.graph import Graph
from journeys.engine.kept import CLOCK, Looked
from journeys.models import Node
from omnichannel.accounts.models import Workspace


def home(graph: Graph) -> ZoneInfo:
    """The zone for people whose own is not known: the journey's, else the workspace's as it is now."""
    return every()[graph.timezone] if graph.timezone in every() else Workspace.get().zone


def walking(graph: Graph) -> ZoneInfo:
    """The same for a batch that walks; nobody is asked where no step looks at the clock on the wall."""
    asked = any(Attributes() in needs for needs in graph.needs.values())
    return home(graph) if asked else every()[str(UTC)]


def counted(node: Node, attributes: Mapping[str, Any], instead: ZoneInfo) -> ZoneInfo:
    """The customer's zone at a step. Where another counts instead, a step about time keeps which, to be told later."""
    zone = own(name := attributes.get("timezone"), instead)
    if node.category == "time" and zone.key != name and isinstance(attributes, Looked):
        attributes.at[CLOCK] = zone.key
    return zone


def own(name: Any, instead: ZoneInfo) -> ZoneInfo:
    """The zone of this name; where it is none, another instead."""
    return every().get(name, instead) if isinstance(name, str) else instead


@cache
def every() -> dict[str, ZoneInfo]:
    """Every zone somebody may live in, by name."""
    return {name: ZoneInfo(name) for name in available_timezones()}
