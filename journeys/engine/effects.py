"""What people did by coming through a journey, besides messages: lists, events, other journeys, goals.

All of a batch together, in the runner's transaction, so that nothing is done twice and nothing is lost.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from journeys.contracts.outcomes import AddToList, EmitEvent, ReachGoal, RemoveFromList, StartJourney
from journeys.engine.brakes import onward
from journeys.engine.graph import Graph
from journeys.engine.told import tell
from journeys.engine.transition import Act
from journeys.tally import Bump, bump
from omnichannel.shared import sql
from profiles.ingest import TrackRow, track
from profiles.models import PeopleList
from profiles.services import lists
from profiles.services.changes import NewChange, record

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "effects.sql")
CHAIN: Final = "chain"
EMITTED: Final = "journey"  # the kind of events that nobody did: a journey wrote them down


def perform(graph: Graph, acts: Sequence[Act], now: datetime) -> set[int]:
    """Do them all: as many statements as there are kinds of effects and lists among them. Gives the enrollments that
    reached the goal.
    """
    listed: dict[tuple[int, int], bool] = {}
    events: list[TrackRow] = []
    starts: list[NewChange] = []
    goals: list[Act] = []
    for act in acts:
        profile = act.walk.profile_id
        match act.effect:
            case AddToList(list_id):
                listed[list_id, profile] = True
            case RemoveFromList(list_id):
                listed[list_id, profile] = False
            case EmitEvent(name, properties):
                context = {CHAIN: onward(act.walk, now)}
                events.append(TrackRow(profile, name, properties, act.at, _message_id(act), EMITTED, context))
            case StartJourney(journey_id):
                told = {"from": graph.journey_id, CHAIN: onward(act.walk, now)}
                # What brought them into this journey can be used in messages of that one too.
                event = act.walk.trigger_event_id
                starts.append(NewChange(profile, "started", str(journey_id), event, told, act.at))
            case ReachGoal():
                goals.append(act)
    _put_on_lists(graph, listed, now)
    if events:
        track(events, now)
    record(starts, now)
    return _convert(graph, goals, now) if goals else set()


def _message_id(act: Act) -> UUID:
    """One visit makes one event, whatever is repeated."""
    return uuid5(NAMESPACE_OID, f"omnichannel:enrollment:{act.walk.enrollment_id}:visit:{act.visit}")


def _put_on_lists(graph: Graph, listed: dict[tuple[int, int], bool], now: datetime) -> None:
    """The last word counts, where one person came through several such steps."""
    for list_id in sorted({list_id for list_id, _ in listed}):
        people = PeopleList(pk=list_id)
        words = {profile: on for (one, profile), on in listed.items() if one == list_id}
        lists.add(people, [profile for profile, on in words.items() if on], now, f"journey:{graph.journey_id}")
        lists.remove(people, [profile for profile, on in words.items() if not on], now)


def _convert(graph: Graph, goals: Sequence[Act], now: datetime) -> set[int]:
    """The first time counts."""
    bound: dict[str, Any] = {"id": [one.walk.enrollment_id for one in goals], "at": [one.at for one in goals]}
    with sql.bound() as cursor:
        cursor.execute(SQL["reach_goal"], bound)
        reached = {row[0] for row in cursor.fetchall()}
    bump([Bump(graph.journey_id, graph.version_id, graph.home, "converted", len(reached))] if reached else [], now)
    tell([(one.walk.profile_id, graph.journey_id) for one in goals if one.walk.enrollment_id in reached], now)
    return reached
