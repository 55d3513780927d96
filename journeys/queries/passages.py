"""What journeys know of one person: where they stand in each, since when, why, and what comes next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from journeys.models import Delivery, Enrollment, Journey, Message, Node, StepRecord
from journeys.queries.cards import load_what_they_name

SHOWN: Final = 10  # passages
STEPS: Final = 5  # steps of each
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
    """One person's way through one journey."""

    enrollment: Enrollment
    journey: Journey | None
    node: Node | None
    state: str
    colour: str
    next: str
    due_at: datetime | None
    steps: Sequence[Taken]


def passages(profile_id: int, now: datetime) -> list[Passage]:
    """The latest passages, those still going on first; five statements and one for each kind of node."""
    mine = Enrollment.objects.filter(profile_id=profile_id).order_by("state", "-entered_at")[:SHOWN]
    enrollments = sorted(mine, key=lambda one: one.state != Enrollment.State.ACTIVE)
    records = list(StepRecord.objects.filter(enrollment_id__in=[one.pk for one in enrollments]).order_by("-visit"))
    nodes = Node.objects.in_bulk({one.node_id for one in enrollments} | {one.node_id for one in records})
    load_what_they_name(nodes.values())
    journeys = Journey.objects.in_bulk({one.journey_id for one in enrollments})
    names = _keys(nodes, enrollments)
    taken: dict[int, list[Taken]] = {}
    for record in records:
        steps = taken.setdefault(record.enrollment_id, [])
        if len(steps) < STEPS:
            steps.append(_taken(record, nodes.get(record.node_id), names))
    return [
        Passage(
            one,
            journeys.get(one.journey_id),
            nodes.get(one.node_id),
            _state(one),
            COLOURS.get(one.state, "grey"),
            _next(one, nodes.get(one.node_id), now),
            one.due_at if one.state == Enrollment.State.ACTIVE else None,
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


def _next(one: Enrollment, node: Node | None, now: datetime) -> str:
    """What comes next, or how it ended."""
    if one.state != Enrollment.State.ACTIVE:
        return one.reason
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


def _taken(record: StepRecord, node: Node | None, names: Mapping[str, str]) -> Taken:
    way = step_in_words(record.outcome, record.port, node)
    return Taken(node, way, why(record.facts or {}, names), record.left_at)


def step_in_words(outcome: str, port: str, node: Node | None) -> str:
    """What a step led to."""
    labels = dict(node.get_ports()) if node else {}
    return {
        "exit": _("left the journey"),
        "fail": _("failed here"),
        "send": _("a message was made"),
        "effect": _("was updated"),
    }.get(outcome, str(labels.get(port, "")))


def why(facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The facts that decided, as a sentence each."""
    return "; ".join(sentence for name, value in facts.items() if (sentence := _fact(name, value, names)))


def _fact(name: str, value: Any, names: Mapping[str, str]) -> str:
    match name, value:
        case "matches", bool():
            return _("matched the condition") if value else _("did not match the condition")
        case "timezone", None:
            return ""
        case "timezone", _zone:
            return _("in the time zone %(zone)s") % {"zone": value}
        case _key, dict():
            return _engagement(names.get(name, _("the message")), value)
        case _key, None:
            return _("“%(name)s” had not happened") % {"name": names.get(name, name)}
        case _key, str():
            moment = parse_datetime(value)
            told = {"name": name, "time": moment.strftime("%Y-%m-%d %H:%M UTC") if moment else value}
            return _("“%(name)s” happened on %(time)s") % told
    return ""


def _engagement(name: str, fact: Mapping[str, Any]) -> str:
    if fact.get("clicked_at"):
        return _("a link in “%(name)s” was clicked") % {"name": name}
    if fact.get("opened_at"):
        return _("“%(name)s” was opened") % {"name": name}
    if fact.get("state") == Message.State.SENT:
        return _("“%(name)s” was sent and not opened") % {"name": name}
    return _("“%(name)s” was not sent") % {"name": name}
