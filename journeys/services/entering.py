"""A program brings people into a journey: what it says beside becomes an event of theirs, which messages can use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from django.db import connection, transaction
from django.utils.translation import gettext as _

from journeys.engine import graph
from journeys.engine.enroll import Entered, Start, enroll
from journeys.engine.graph import Graph
from journeys.models import Journey
from journeys.wakeup import wake_on_commit
from omnichannel.shared import sql
from profiles.ingest import TrackRow, track
from profiles.ingest.attributes import email_identity, phone_identity
from profiles.ingest.track import hold, seen

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "entering.sql")
EVENT: Final = "Added To Journey"
WRITTEN: Final = "journey"  # the kind of events that nobody did
READ: Final = {"email": email_identity, "phone": phone_identity}


class NotOpenError(ValueError):
    """Nobody can be brought in now; the text says why."""


@dataclass(frozen=True, slots=True)
class Named:
    """One person, by number or by an identifier (kind, value). `once` names the request: again, it does nothing."""

    profile_id: int | None = None
    identifier: tuple[str, str] | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    once: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one. `reason` says why they did not come in."""

    profile_id: int | None
    enrollment_id: int | None = None
    reason: str = ""


@transaction.atomic
def bring_in(journey: Journey, named: Sequence[Named], now: datetime) -> list[Answer]:
    """Bring these people in, where the rules of the journey let them: a constant number of statements."""
    compiled, node_id = _entry(journey)
    people = _people(named)
    messages = [_message(journey, one) for one in named]
    repeated = seen(messages)
    rows = [
        TrackRow(profile, EVENT, dict(one.properties), now, message, WRITTEN)
        for profile, one, message in zip(people, named, messages, strict=True)
        if profile is not None
    ]
    track(rows, now)
    events = dict(_rows("events", {"messages": messages}))
    starts: dict[UUID, Start] = {}
    for profile, one, message in zip(people, named, messages, strict=True):
        if profile is not None and message not in repeated:
            ident = events[message]
            starts.setdefault(message, Start(compiled, node_id, profile, now, ident, f"event:{ident}", one.properties))
    came = enroll(list(starts.values()), now)
    if came:
        wake_on_commit("advance")
    return _answers(people, messages, repeated, starts, came)


def _answers(
    people: Sequence[int | None],
    messages: Sequence[UUID],
    repeated: set[UUID],
    starts: Mapping[UUID, Start],
    came: Sequence[Entered],
) -> list[Answer]:
    """In the order of the request. Of several that name one run, the first is told that it came in."""
    left = {(one.profile_id, one.entry_key): one.enrollment_id for one in came}
    answers = []
    for profile, message in zip(people, messages, strict=True):
        start = starts.get(message)
        ident = left.pop((start.profile_id, start.entry_key), None) if start else None
        if profile is None:
            answers.append(Answer(None, reason=_("We do not know this person.")))
        elif ident is not None:
            answers.append(Answer(profile, ident))
        elif message in repeated:
            answers.append(Answer(profile, reason=_("This was asked before.")))
        else:
            answers.append(Answer(profile, reason=_("The journey's rules of who may come again keep them out.")))
    return answers


def _entry(journey: Journey) -> tuple[Graph, int]:
    if journey.state != Journey.State.LIVE or journey.live_id is None:
        raise NotOpenError(_("The journey is not live."))
    compiled = graph.load(journey.live_id)
    nodes = compiled.entries.get(("added", str(journey.pk)), ())
    if not nodes:
        raise NotOpenError(_("The journey has no entry “Added by a program”."))
    return compiled, nodes[0]


def _people(named: Sequence[Named]) -> list[int | None]:
    """Whom each stands for today, held: nobody becomes somebody else meanwhile. None: nobody we know."""
    asked = [(kind, _read(kind, value)) for kind, value in (one.identifier for one in named if one.identifier)]
    bound = {"kinds": [kind for kind, _value in asked], "values": [value for _kind, value in asked]}
    known = {(kind, value): profile for kind, value, profile in _rows("identities", bound)} if asked else {}
    found = [
        known.get((one.identifier[0], _read(*one.identifier))) if one.identifier else one.profile_id for one in named
    ]
    today = hold({profile for profile in found if profile is not None})
    return [today[profile][0] if profile in today else None for profile in found]


def _read(kind: str, value: str) -> str:
    """As identifiers are stored."""
    return (READ[kind](value) or "") if kind in READ else value


def _message(journey: Journey, one: Named) -> UUID:
    return uuid5(NAMESPACE_OID, f"omnichannel:journey:{journey.pk}:added:{one.once}") if one.once else uuid4()


def _rows(statement: str, args: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())
