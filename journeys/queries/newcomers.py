"""Who qualifies for a live journey already: the question before they are added."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeys.engine import existing, graph
from journeys.engine.existing import Asked
from journeys.models import Journey, Version


@dataclass(frozen=True, slots=True)
class Newcomers:
    """`people` qualify, `new` of them have never been in the journey; `events` count from so many days before it went
    live.
    """

    people: int
    new: int
    events: list[str]
    live: Version


def newcomers(journey: Journey, days: int, now: datetime) -> Newcomers | None:
    """None: the journey is not live, or has no entry by which anybody qualifies already."""
    if journey.state != Journey.State.LIVE or journey.live is None:
        return None
    compiled = graph.load(journey.live.pk)
    found: dict[str, Any] = existing.ways([compiled.nodes[ident] for ident in compiled.ids.values()])
    if not found["segments"] and not found["events"]:
        return None
    people, new = existing.waiting(compiled, Asked(journey.live.published_at or now, days))
    return Newcomers(people, new, found["events"], journey.live)
