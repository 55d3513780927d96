"""Journeys that bring people into each other for ever: found by following what each causes to who comes in by it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.db.models import Q

from journeys.models import Journey, Node, Version
from profiles.models import Interest

Change = tuple[str, str]
FARTHEST: Final = 8  # journeys in one circle


def circle(version: Version, nodes: Sequence[Node]) -> list[str] | None:
    """The names of the other journeys on a way that leads from this drawing back into it; empty: it brings people back
    into itself at once. None: there is no such way, or one that everybody goes only once.
    """
    if version.reentry == Version.Reentry.ONCE:
        return None
    entered_by = {change for node in nodes if node.is_entry for change in node.starts_on()}
    ways: dict[Change, tuple[str, ...]] = dict.fromkeys(_caused(version.journey_id, nodes), ())
    seen = {version.journey_id}
    for _round in range(FARTHEST):
        ways = _by_segments(ways)
        if back := sorted((way for change, way in ways.items() if change in entered_by), key=len):
            return list(back[0])
        ways = _onward(ways, seen)
        if not ways:
            return None
    return None


def _caused(journey: int, nodes: Iterable[Node]) -> set[Change]:
    """Being in a journey is a change too: segments ask about it."""
    return {("journey", str(journey)), *(change for node in nodes for change in node.causes())}


def _by_segments(ways: Mapping[Change, tuple[str, ...]]) -> dict[Change, tuple[str, ...]]:
    """With who joins and leaves segments through these changes, and segments of segments."""
    found, new = dict(ways), dict(ways)
    while new:
        more: dict[Change, tuple[str, ...]] = {}
        for owner, change in _listening("segments", new):
            for kind in ("entered", "exited"):
                if (kind, owner) not in found:
                    more[kind, owner] = new[change]
        found |= more
        new = more
    return found


def _onward(ways: Mapping[Change, tuple[str, ...]], seen: set[int]) -> dict[Change, tuple[str, ...]]:
    """What the live journeys that people come into by these changes cause in their turn."""
    heard: dict[int, list[Change]] = {}
    for owner, change in _listening("journeys", ways):
        heard.setdefault(int(owner), []).append(change)
    more: dict[Change, tuple[str, ...]] = {}
    journeys = Journey.objects.filter(live__in=heard, state=Journey.State.LIVE).exclude(pk__in=seen)
    for journey in journeys.exclude(live__reentry=Version.Reentry.ONCE).order_by("name", "pk"):
        nodes = list(Node.objects.filter(version=journey.live))
        entered_by = {change for node in nodes if node.is_entry for change in node.starts_on()}
        through = [change for change in heard[journey.live_id or 0] if change in entered_by]
        if through:
            seen.add(journey.pk)
            way = (*min((ways[change] for change in through), key=len), journey.name)
            more |= {change: way for change in _caused(journey.pk, nodes) if change not in ways}
    return more


def _listening(consumer: str, changes: Iterable[Change]) -> list[tuple[str, Change]]:
    """Who declared an interest in these changes, as (number of the owner, change)."""
    wanted = Q(pk__in=[])
    for kind, key in changes:
        wanted |= Q(kind=kind, key=key)
    rows = Interest.objects.filter(wanted, consumer=consumer).values_list("owner", "kind", "key")
    return [(owner.partition(":")[2], (kind, key)) for owner, kind, key in rows]
