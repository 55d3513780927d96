"""What journeys know of one person: where they stand in each, since when, why, and what comes next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from journeys.models import Delivery, Edge, Enrollment, Journey, Node, StepRecord
from journeys.queries.cards import in_full, load_what_they_name
from journeys.queries.reasons import Words, vocabulary, when, why
from profiles.models import Event
from profiles.segments.describe import label
from profiles.segments.operators import value_in_words

SHOWN: Final = 10  # passages
STEPS: Final = 5  # steps of each
DETAILS: Final = 4  # of what brought them in
COLOURS: Final = {1: "blue", 2: "green", 3: "grey", 4: "red"}


@dataclass(frozen=True, slots=True)
class Taken:
    """One step that was taken, in words."""

    node: Node | None
    way: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Passage:
    """One person's way through one journey. `came`: by what; `then`: where each way out of here leads."""

    enrollment: Enrollment
    journey: Journey | None
    node: Node | None
    state: str
    colour: str
    came: str
    next: str
    due_at: datetime | None
    then: Sequence[tuple[str, str]]
    steps: Sequence[Taken]


def passages(profile_id: int, now: datetime, *, journey_id: int | None = None, most: int = STEPS) -> list[Passage]:
    """The latest passages, those still going on first: a handful of statements and a few for each kind of node."""
    mine = Enrollment.objects.filter(profile_id=profile_id)
    mine = mine.filter(journey_id=journey_id) if journey_id else mine
    found = mine.order_by("state", "-entered_at")[:SHOWN]
    enrollments = sorted(found, key=lambda one: one.state != Enrollment.State.ACTIVE)
    records = list(StepRecord.objects.filter(enrollment_id__in=[one.pk for one in enrollments]).order_by("-visit"))
    inside = [one.node_id for one in enrollments if one.state == Enrollment.State.ACTIVE]
    onwards = {(edge.source_id, edge.port): edge.target_id for edge in Edge.objects.filter(source_id__in=inside)}
    shown = {one.node_id for one in enrollments} | {one.node_id for one in records} | set(onwards.values())
    nodes = Node.objects.in_bulk(shown)
    load_what_they_name(nodes.values())
    journeys = Journey.objects.in_bulk({one.journey_id for one in enrollments})
    events = Event.objects.in_bulk({one.trigger_event_id for one in enrollments if one.trigger_event_id})
    words = vocabulary(nodes.values(), _keys(nodes, enrollments))
    taken: dict[int, list[Taken]] = {}
    for record in records:
        steps = taken.setdefault(record.enrollment_id, [])
        if len(steps) < most:
            steps.append(_taken(record, nodes.get(record.node_id), words))
    return [
        Passage(
            one,
            journeys.get(one.journey_id),
            nodes.get(one.node_id),
            _state(one),
            COLOURS.get(one.state, "grey"),
            _came(events.get(one.trigger_event_id or 0)),
            _next(one, nodes.get(one.node_id), journeys.get(one.journey_id), now),
            one.due_at if one.state == Enrollment.State.ACTIVE else None,
            _then(one, nodes, onwards),
            taken.get(one.pk, []),
        )
        for one in enrollments
    ]


def as_sent(message_ids: Sequence[int]) -> dict[int, int]:
    """The deliveries that keep what was handed over: {message: delivery}."""
    kept = Delivery.objects.filter(message_id__in=message_ids, rendered__isnull=False).order_by("pk")
    return dict(kept.values_list("message_id", "pk"))


def _keys(nodes: Mapping[int, Node], enrollments: Sequence[Enrollment]) -> dict[str, str]:
    """Names of the steps that facts may speak of, by their keys."""
    return keys_of({one.version_id for one in enrollments}) | {node.key: str(node) for node in nodes.values()}


def keys_of(versions: Collection[int]) -> dict[str, str]:
    """What steps of these versions were called by hand, by their keys."""
    mentioned = Node.objects.filter(version_id__in=versions).non_polymorphic().exclude(name="")
    return dict(mentioned.values_list("key", "name"))


def _state(one: Enrollment) -> str:
    return {
        Enrollment.State.ACTIVE: _("Inside"),
        Enrollment.State.COMPLETED: _("Went through"),
        Enrollment.State.EXITED: _("Left early"),
        Enrollment.State.FAILED: _("Failed"),
    }[Enrollment.State(one.state)]


def _came(event: Event | None) -> str:
    """What brought somebody in, with its details."""
    if event is None:
        return ""
    details = [f"{label(name)} {value_in_words(value)}" for name, value in list(event.properties.items())[:DETAILS]]
    told = {"name": event.name, "time": when(event.occurred_at)}
    return ": ".join(part for part in (_("“%(name)s” on %(time)s") % told, ", ".join(details)) if part)


def _then(one: Enrollment, nodes: Mapping[int, Node], onwards: Mapping[tuple[int, str], int]) -> list[tuple[str, str]]:
    """The ways out of where somebody stands, and what comes there."""
    node = nodes.get(one.node_id)
    if one.state != Enrollment.State.ACTIVE or node is None:
        return []
    targets = [(name, nodes.get(onwards.get((node.pk, port), 0))) for port, name in node.get_ports()]
    return [(str(name), in_full(target) if target else _("the journey ends")) for name, target in targets]


def _next(one: Enrollment, node: Node | None, journey: Journey | None, now: datetime) -> str:
    """What comes next, or how it ended."""
    if one.state != Enrollment.State.ACTIVE:
        return one.reason
    if journey and journey.state == Journey.State.PAUSED:
        return _("Stands still: the journey is paused. Without that, goes on")
    awaited = [key for kind, key in node.listens_to() if kind == "event"] if node else []
    if one.due_at and one.due_at <= now:
        return _("Goes on any moment")
    if awaited and one.due_at:
        return _("Goes on with %(events)s, at the latest") % {"events": _or(awaited)}
    if awaited:
        return _("Waits for %(events)s") % {"events": _or(awaited)}
    return _("Goes on") if one.due_at else _("Waits for something to happen")


def _or(names: Sequence[str]) -> str:
    return _(" or ").join(f"“{name}”" for name in names)


def _taken(record: StepRecord, node: Node | None, words: Words) -> Taken:
    way = step_in_words(record.outcome, record.port, node)
    return Taken(node, way, why(record.facts or {}, node, words), record.left_at)


def step_in_words(outcome: str, port: str, node: Node | None) -> str:
    """What a step led to."""
    labels = dict(node.get_ports()) if node else {}
    return {
        "exit": _("left the journey"),
        "fail": _("failed here"),
        "send": _("a message was made"),
        "moved": _("was moved to another step"),
        "released": _("was let go on: %(way)s") % {"way": labels[port]} if labels.get(port) else _("was let go on"),
        "removed": _("was taken out by hand"),
        "effect": node.summary().replace("**", "") if node else _("was updated"),
    }.get(outcome, str(labels.get(port, "")))
