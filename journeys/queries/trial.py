"""A test walk as it is shown: the way so far, where the person stands, what can happen next, what would be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from journeys.engine import graph
from journeys.engine.graph import Graph
from journeys.engine.lives import Did, Life, Reacted, Sent
from journeys.engine.transition import ACTIVE, EXITED, FAILED
from journeys.engine.trial import Passed, Trial
from journeys.models import Node, Template, Version
from journeys.queries import past
from journeys.queries.cards import load_what_they_name
from journeys.queries.passages import step_in_words
from journeys.queries.past import Past
from journeys.queries.reasons import vocabulary, why
from journeys.reports.replayed import Sums
from profiles.models import Profile

SOON: Final = timedelta(minutes=1)  # from one thing that somebody does by hand to the next


@dataclass(frozen=True, slots=True)
class Move:
    """What was done by hand: "pass" the time, "did" something, "react" to a message, "choose" a way.

    `visit` is where they stood. A way out of a step that they have left already is taken from the start (`early`).
    """

    do: str
    visit: int
    name: str = ""
    what: str = ""
    early: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Who walks, from where and when, with what brought them in, and what was done on the way."""

    profile_id: int | None
    entry: str
    at: datetime
    details: Mapping[str, Any]
    moves: Sequence[Move] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A step that was left. `others`: the ways not taken."""

    node: Node
    visit: int
    at: datetime
    way: str
    why: str
    chosen: bool
    others: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that would have gone out."""

    number: int
    sent: Sent
    node: Node
    template: Template | None


@dataclass(slots=True)
class Walked:
    """Everything about a walk. `here` None: it is over, `ended` says how."""

    asked: Asked
    trial: Trial
    profile: Profile | None
    now: datetime
    lines: list[Line] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    here: Node | None = None
    due_at: datetime | None = None
    events: Sequence[str] = ()
    ports: Sequence[tuple[str, str]] = ()
    ended: str = ""
    reason: str = ""

    @property
    def visit(self) -> int:
        """Which step of the walk they are at."""
        return self.trial.passage.walk.visit


def entries(version: Version) -> list[Node]:
    """Where a walk can begin."""
    found = [node for node in Node.objects.filter(version=version).order_by("y", "x", "pk") if node.is_entry]
    load_what_they_name(found)
    return found


def walk(version: Version, asked: Asked, now: datetime) -> Walked:
    """Walk again from the start: the same answers lead the same way. LookupError: the drawing has changed too much."""
    compiled = graph.build(version)
    profile = Profile.objects.filter(pk=asked.profile_id).first() if asked.profile_id else None
    trial = _trial(compiled, profile, asked, now)
    at = _moved(trial, asked)
    return _shown(compiled, Walked(asked, trial, profile, at))


def _trial(compiled: Graph, profile: Profile | None, asked: Asked, now: datetime) -> Trial:
    then = Past(compiled, now, now)
    found = past.lives(then, [profile.pk]) if profile else [Life(0, {})]
    beside = past.beside(then, found, now)
    answers = {move.visit: move.what for move in asked.moves if move.do == "choose" and move.early}
    trial = Trial(compiled, found[0], beside, answers)
    node = compiled.nodes[compiled.ids[asked.entry]]
    name = next((key for kind, key in node.starts_on() if kind == "event"), "")
    trial.begin(node.pk, Did(asked.at, name, asked.details), asked.at)
    return trial


def _moved(trial: Trial, asked: Asked) -> datetime:
    """Do what was done by hand; the moment on the virtual clock after it."""
    now = asked.at
    for move in asked.moves:
        walk = trial.passage.walk
        if move.do == "pass" and walk.state == ACTIVE and walk.due_at:
            now = max(now, walk.due_at)
            trial.live([], now)
        elif move.do == "did":
            now += SOON
            trial.live([Did(now, move.name)], now)
        elif move.do == "react":
            now += SOON
            trial.live([Reacted(now, move.name, "clicked" if move.what == "clicked" else "opened")], now)
        elif move.do == "choose" and not move.early:
            trial.answer(move.visit, move.what, now)
    return now


def _shown(compiled: Graph, told: Walked) -> Walked:
    load_what_they_name(compiled.nodes.values())
    words = vocabulary(compiled.nodes.values(), {node.key: str(node) for node in compiled.nodes.values()})
    for one in told.trial.passed:
        told.lines.append(_line(one, compiled.nodes[one.node_id], why(one.kept, compiled.nodes[one.node_id], words)))
    sends = {node.key: node for node in compiled.nodes.values()}
    for number, sent in enumerate(told.trial.passage.messages):
        node = sends[sent.node_key]
        told.letters.append(Letter(number, sent, node, getattr(node, "template", None)))
    walk = told.trial.passage.walk
    if walk.state == ACTIVE:
        told.here, told.due_at = compiled.nodes[walk.node_id], walk.due_at
        told.events = sorted(key for kind, key in told.here.listens_to() if kind == "event" and not _is_reaction(key))
        told.ports = [(name, str(label)) for name, label in told.here.get_ports()]
    else:
        told.ended, told.reason = {EXITED: "exited", FAILED: "failed"}.get(walk.state, "completed"), walk.reason
    return told


def _is_reaction(event: str) -> bool:
    """What people do with messages is done to the message itself."""
    return event.startswith("Message ")


def _line(one: Passed, node: Node, reason: str) -> Line:
    ports = node.get_ports()
    others = [(name, str(label)) for name, label in ports if name != one.port] if len(ports) > 1 else []
    return Line(node, one.visit, one.at, step_in_words(one.outcome, one.port, node), reason, one.chosen, others)


def numbers(told: Walked) -> dict[str, dict[str, int]]:
    """The way as numbers for the canvas: one person, where they went."""
    sums = Sums()
    sums.add(told.trial.graph, [told.trial], UTC)
    return {key: dict(counted) for key, counted in sums.nodes.items()}
