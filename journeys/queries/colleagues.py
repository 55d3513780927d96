"""Tasks for colleagues, as their page shows them, and what became of the last ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from journeys.asking.settling import SQL
from journeys.delivery.answers import answers_of
from journeys.delivery.render import context
from journeys.models import Journey, Node, Request
from omnichannel.accounts.models import User, Workspace
from omnichannel.shared.templating import TemplateError, compiled
from profiles.models import Event, Profile

SHOWN = 50
DONE = 20


@dataclass(frozen=True, slots=True)
class Task:
    """One task, filled in for its person."""

    request: Request
    person: Profile | None
    journey: Journey | None
    text: str
    details: str
    results: Sequence[tuple[str, str]]


def waiting(mine: User | None, now: datetime) -> list[Task]:
    """What is to be done, by everybody or (with what is for anybody) by one: the soonest to be over first."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["open_tasks"], {"assignee": mine.pk if mine else None, "now": now, "limit": SHOWN})
        ids = [row[0] for row in cursor.fetchall()]
    found = Request.objects.select_related("assignee").in_bulk(ids)
    return _tasks([found[ident] for ident in ids])


def done() -> list[Task]:
    """The last that were answered."""
    answered = Request.objects.filter(kind=Request.Kind.TASK, state=Request.State.ANSWERED)
    return _tasks(list(answered.select_related("answered_by").order_by("-answered_at", "-pk")[:DONE]))


def _tasks(requests: Sequence[Request]) -> list[Task]:
    nodes = Node.objects.in_bulk({one.node_id for one in requests})
    people = Profile.objects.in_bulk({one.profile_id for one in requests})
    journeys = Journey.objects.in_bulk({one.journey_id for one in requests})
    events = Event.objects.in_bulk({one.trigger_event_id for one in requests if one.trigger_event_id})
    answers = answers_of([one.enrollment_id for one in requests])
    workspace = Workspace.get()
    tasks = []
    for one in requests:
        node: Any = nodes.get(one.node_id)
        person, journey, event = (
            people.get(one.profile_id),
            journeys.get(one.journey_id),
            events.get(one.trigger_event_id or 0),
        )
        values = context(
            person.attributes if person else {},
            profile_id=one.profile_id,
            workspace=workspace,
            event=event.properties if event else None,
            journey=journey.name if journey else "",
            answers=answers.get(one.enrollment_id),
        )
        results = [(row["port"], row["name"]) for row in node.results] if node else []
        text, details = (_filled(part, values) for part in ((node.task, node.details) if node else ("", "")))
        tasks.append(Task(one, person, journey, text, details, results))
    return tasks


def _filled(text: str, values: dict[str, Any]) -> str:
    try:
        return compiled(text).fill(values)
    except TemplateError:
        return text
