"""Brings in who qualified before the journey went live: who is in the segment already, who did it lately.

Nobody comes in twice for it. Whom the journey hears of by itself, since it is live, is left to that; for the same event
both ways have the same name.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import connection

from journeys.contracts.crowd import Already
from journeys.engine.enroll import Start, enroll
from journeys.engine.graph import Graph
from journeys.models import Node
from journeys.wakeup import wake_on_commit
from omnichannel.shared import sql
from profiles.segments.values import loads

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "existing.sql")


@dataclass(frozen=True, slots=True)
class Asked:
    """Events of so many days before `live_since` count."""

    live_since: datetime
    days: int

    @property
    def period(self) -> dict[str, datetime]:
        """As the statements want it."""
        return {"since": self.live_since - timedelta(days=self.days), "until": self.live_since}


def ways(nodes: Collection[Node]) -> dict[str, Any]:
    """The segments and the events by which people qualify."""
    found = [way for node in nodes if (way := node.already())]
    return {
        "segments": sorted({way.segment_id for way in found if way.segment_id}),
        "events": sorted({way.event for way in found if way.event}),
    }


def people(compiled: Graph, asked: Asked) -> Iterator[int]:
    """Who may qualify, in order; whether they do is asked when their turn comes."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["people"], ways(_own(compiled)) | asked.period)
        for row in cursor.fetchall():
            yield row[0]


def waiting(compiled: Graph, asked: Asked) -> tuple[int, int]:
    """How many people qualify already, and how many of them have never been in the journey."""
    bound = ways(_own(compiled)) | asked.period | {"journey": compiled.journey_id}
    qualify, new = _rows("waiting", bound)[0]
    return qualify, new


def did_lately(events: Sequence[str], since: datetime) -> int:
    """How many people did one of these."""
    return int(_rows("counted", {"events": list(events), "since": since})[0][0])


def bring_in(compiled: Graph, profiles: Sequence[int], asked: Asked, now: datetime) -> int:
    """Let in who of these people qualifies, at the first entry that fits. How many came in. In a transaction."""
    held = [row[0] for row in _rows("hold", {"profiles": list(profiles)})]
    bound: dict[str, Any] = ways(_own(compiled)) | asked.period | {"profiles": held}
    members = {(segment, profile) for segment, profile in _rows("members", bound)} if bound["segments"] else set()
    done: dict[tuple[int, str], list[tuple[Any, ...]]] = defaultdict(list)
    for profile, name, *event in _rows("events", bound) if bound["events"] else ():
        done[profile, name].append(tuple(event))
    starts: list[Start] = []
    for profile in held:
        for node in _own(compiled):
            if found := list(_starts(compiled, node, profile, members, done, now)):
                starts += found
                break
    came = len(enroll(starts, now))
    if came:
        wake_on_commit("advance")
    return came


def _own(compiled: Graph) -> list[Node]:
    return [compiled.nodes[ident] for ident in compiled.ids.values()]


def _starts(
    compiled: Graph,
    node: Node,
    profile: int,
    members: set[tuple[int, int]],
    done: dict[tuple[int, str], list[tuple[Any, ...]]],
    now: datetime,
) -> Iterator[Start]:
    """By the latest of their events that fits; where runs go side by side, one for each key."""
    match node.already():
        case Already(segment_id=int(segment)) if (segment, profile) in members:
            yield Start(compiled, node.pk, profile, now, token=f"already:{compiled.version_id}")
        case Already(event=event) if event:
            seen: set[str] = set()
            for ident, at, text in done.get((profile, event), ()):
                properties = loads(text)
                key = compiled.rules.entry_key(properties, "") if compiled.rules.key else ""
                if key not in seen and node.admits(properties, now):
                    seen.add(key)
                    yield Start(compiled, node.pk, profile, at, ident, f"event:{ident}", properties)


def _rows(statement: str, args: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())
