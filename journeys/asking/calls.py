"""Calls webhooks that are due: claim a batch, call with many at once, write down what came back and wake who waits.

While some hang, what is due for other hosts is claimed beside them; what could not start for its host goes back.

At least once: a worker that dies while it calls leaves a lease that ends, and another calls again with the same
`webhook-id`, by which the receiver knows a repeat. An answer is taken once: the attempt that claimed it has to match.
"""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from journeys.asking import signing
from journeys.asking.lanes import LANES, Lanes, host_of
from journeys.asking.settling import SQL, Settled, settle
from journeys.asking.webhook import Call, Fate, Later, Refused, Said
from journeys.delivery.answers import answers_of
from journeys.delivery.render import context
from journeys.models import Journey, Node, Request
from journeys.models.headers import opened
from omnichannel.accounts.models import Workspace
from omnichannel.shared.bucket import bucket
from omnichannel.shared.failpoints import hit
from omnichannel.shared.templating import TemplateError, compiled
from profiles.models import Event, Profile

BATCH: Final = 64
BUDGET: Final = timedelta(seconds=20)  # of claiming beside calls that hang, after which they are only waited for
LEASE: Final = timedelta(minutes=5)
MOST_TRIES: Final = 6
PAUSES: Final = tuple(timedelta(seconds=each) for each in (30, 120, 600, 1800, 3600))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A call that we hold, in the columns of the statement `claim_calls`."""

    id: int
    enrollment_id: int
    journey_id: int
    node_id: int
    profile_id: int
    trigger_event_id: int | None
    attempts: int
    created_at: datetime


def call_due(now: datetime) -> int:
    """One batch, and others while it hangs. Gives how many requests were dealt with; 0: nothing is due."""
    begun, dealt = time.monotonic(), 0
    moment, nodes = now, dict[int, str]()
    with ThreadPoolExecutor(LANES, thread_name_prefix="webhook") as pool:
        lanes = Lanes[Claimed](pool)
        while True:
            if moment - now <= BUDGET:
                crowded = [node for node, host in nodes.items() if not lanes.has_room(host)]
                claimed, seen = _claim(crowded, moment)
                dealt += seen
            else:
                claimed = []
            prepared = _prepared(claimed, moment) if claimed else []
            _deal(list(zip(claimed, prepared, strict=True)), lanes, nodes, now)
            if not lanes.flying:
                return dealt
            moment = now + timedelta(seconds=time.monotonic() - begun)


def _claim(crowded: Sequence[int], now: datetime) -> tuple[list[Claimed], int]:
    """What is called for next, by none of the crowded steps; and how many requests were taken, also needless ones."""
    with transaction.atomic(), connection.cursor() as cursor:
        bound: dict[str, Any] = {"now": now, "lease": now + LEASE, "limit": BATCH, "crowded": list(crowded)}
        cursor.execute(SQL["claim_calls"], bound)
        rows = cursor.fetchall()
    claimed = [Claimed(*row[:-1]) for row in rows if row[-1]]
    if claimed:
        hit("calls.claimed")
    return claimed, len(rows)


def _deal(
    claimed: Sequence[tuple[Claimed, Call | Refused]], lanes: Lanes[Claimed], nodes: dict[int, str], now: datetime
) -> None:
    """Call, and settle what has come back, also of earlier claims. `nodes` learns whom each step calls."""
    fates: list[tuple[Claimed, Fate]] = []
    waiting: list[tuple[Claimed, Call]] = []
    for one, prepared in claimed:
        if isinstance(prepared, Refused):
            fates.append((one, prepared))
        else:
            nodes[one.node_id] = host_of(prepared.url)
            waiting.append((one, prepared))
    landed, rest = lanes.bring(waiting)
    fates += landed
    if fates:
        hit("calls.called")
    _give_back(rest, now)
    settle([_settled(one, fate, now) for one, fate in fates], now)
    if fates:
        hit("calls.settled")


def _give_back(rest: Sequence[Claimed], now: datetime) -> None:
    if rest:
        with connection.cursor() as cursor:
            attempts = [one.attempts for one in rest]
            cursor.execute(SQL["give_back"], {"ids": [one.id for one in rest], "attempts": attempts, "now": now})


def _settled(one: Claimed, fate: Fate, now: datetime) -> Settled:
    base = Settled(one.id, one.enrollment_id, one.attempts, Request.State.FAILED, result="failed")
    match fate:
        case Said(status, value):
            return base.but(state=Request.State.ANSWERED, result="answered", status=status, answer=value)
        case Refused(error, status):
            return base.but(status=status, error=error)
        case Later(error, status) if one.attempts >= MOST_TRIES:
            return base.but(status=status, error=f"Tried {MOST_TRIES} times. The last time: {error}")
        case Later(error, status, after):
            pause = PAUSES[one.attempts - 1] * (0.8 + 0.4 * bucket(f"webhook:{one.attempts}", one.id) / 10_000)
            due = now + max(pause, after or timedelta(0))
            return base.but(state=Request.State.PENDING, result="", status=status, error=error, due_at=due)


def _prepared(claimed: Sequence[Claimed], now: datetime) -> list[Call | Refused]:
    """What goes out, for the whole batch with a constant number of statements."""
    nodes = Node.objects.in_bulk({one.node_id for one in claimed})
    people = Profile.objects.in_bulk({one.profile_id for one in claimed})
    events = Event.objects.in_bulk({one.trigger_event_id for one in claimed if one.trigger_event_id})
    journeys = Journey.objects.in_bulk({one.journey_id for one in claimed})
    answers = answers_of([one.enrollment_id for one in claimed])
    workspace, keys = Workspace.get(), signing.keys(now)
    prepared: list[Call | Refused] = []
    for one in claimed:
        node, person, event = nodes.get(one.node_id), people.get(one.profile_id), events.get(one.trigger_event_id or 0)
        if node is None or person is None:
            prepared.append(Refused("The step or the person is gone."))
            continue
        values = context(
            person.attributes,
            profile_id=person.pk,
            workspace=workspace,
            event=event.properties if event else None,
            journey=journeys[one.journey_id].name,
            answers=answers.get(one.enrollment_id),
        )
        prepared.append(_call(node, one, values, keys, now))
    return prepared


def _call(node: Any, one: Claimed, values: dict[str, Any], keys: Sequence[str], now: datetime) -> Call | Refused:
    try:
        body = compiled(node.body).fill(values) if node.body else _standard(node, one, values)
    except TemplateError as error:
        return Refused(f"The text to be sent cannot be filled in: {error}")
    own = {row["name"]: opened(row, node.url) for row in node.headers}
    if missing := [name for name, value in own.items() if value is None]:
        return Refused(f"The value of the header “{missing[0]}” is not filled in.")
    sent = body.encode()
    headers = {"content-type": "application/json", "user-agent": "Omnichannel"}
    headers |= {name.lower(): str(value) for name, value in own.items()}
    headers |= signing.headers(f"omc_{one.id}", b"" if node.method == "GET" else sent, keys, now)
    return Call(node.method, node.url, headers, sent, node.seconds)


def _standard(node: Node, one: Claimed, values: dict[str, Any]) -> str:
    """Type, time and data, as Standard Webhooks recommends."""
    data = {name: values[name] for name in ("profile", "event", "journey", "answers")}
    data["step"] = {"key": node.key, "name": str(node)}
    told = {"type": "journey.step", "timestamp": one.created_at.isoformat(), "data": data}
    return json.dumps(told, default=str, ensure_ascii=False)
