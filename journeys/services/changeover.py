"""What becomes of the people inside when another version takes over: keep, move, time anew or let go, step by step.

One migration in the transaction of the publication: a handful of statements, whatever the number of people. Everybody
it changes is written down as they were, so that going back to the former version puts them where they stood.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, get_args

from django.db import connection
from django.utils.translation import gettext as _

from journeys.engine import graph
from journeys.engine.told import tell
from journeys.models import Journey, Moved, Node, Publication, Version
from journeys.queries.differences import Change, Drawn, drawn
from journeys.queries.standing import occupied
from journeys.tally import Bump, bump
from journeys.wakeup import wake_on_commit
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "changeover.sql")
KEPT: Final = 10  # publications that can be taken back
TAKEN_OUT: Final = "The step they stood at was changed"
Do = Literal["keep", "move", "retime", "exit"]


class PlanError(ValueError):
    """The plan cannot be followed; `key` is the step it is about."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


@dataclass(frozen=True, slots=True)
class Choice:
    """keep: they finish the version they came in with. move: they go on in the new one, with the wait they are in as it
    was; or, with `to`, they come to that step now. retime: the new settings of the step count, from when they came to
    it. exit: they leave.
    """

    do: Do = "keep"
    to: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with people, by the key of the step at which they stand; `rest`: at steps that stay the same."""

    steps: Mapping[str, Choice] = field(default_factory=dict)
    rest: Do = "keep"

    @property
    def disturbs(self) -> bool:
        """Does it do anything with anybody?"""
        return self.rest != "keep" or any(choice.do != "keep" for choice in self.steps.values())

    def as_json(self) -> dict[str, Any]:
        """For the record."""
        return {"steps": {key: asdict(choice) for key, choice in self.steps.items()}, "rest": self.rest}


@dataclass(frozen=True, slots=True)
class _Move:
    """Everybody at one node: what happens, and at which node they are then."""

    version: int
    node: int
    what: Literal["stay", "retime", "arrive", "exit"]
    to: int


def read_plan(steps: Mapping[str, Mapping[str, Any]], rest: Any = "keep") -> Plan:
    """A plan from JSON. PlanError names the step that is not understood."""
    choices = {}
    for key, asked in steps.items():
        unknown = not isinstance(asked, Mapping) or set(asked) - {"do", "to"}
        if unknown or asked.get("do", "keep") not in get_args(Do) or not isinstance(asked.get("to", ""), str):
            raise PlanError(key, _("keep, move (with a step to move to), retime or exit is needed here."))
        choices[key] = Choice(asked.get("do", "keep"), asked.get("to", ""))
    if rest not in ("keep", "move"):
        raise PlanError("", _("People at steps that stay the same can be kept or moved."))
    return Plan(choices, rest)


def hold(journey: Journey) -> None:
    """Nobody in the journey goes anywhere until the transaction ends. Before the journey itself is locked: whoever
    handles changes or moves people holds these first and asks for the journey then.
    """
    with connection.cursor() as cursor:
        cursor.execute(SQL["hold"])
        cursor.execute(SQL["lock"], {"versions": list(journey.versions.values_list("pk", flat=True))})


def take_over(publication: Publication, plan: Plan, now: datetime) -> dict[str, int]:
    """Follow the plan, in the transaction of the publication, with everybody held. Gives how many were moved, retimed,
    let go. PlanError: nothing has been done.
    """
    target = publication.version
    moves = _moves(publication.journey, target, plan)
    if not moves:
        return {}
    # A wait that goes on by settings that are no more: the new version has to know that node.
    target.guests = sorted({m.node for m in moves if m.what == "stay" and m.to == m.node})
    target.save(update_fields=["guests"])
    return _change(publication, moves, now)


def go_back(publication: Publication, undone: Sequence[Publication], rest: Do, now: datetime) -> dict[str, int]:
    """Take back what these did, the newest first: people who have not gone on since are where they were. With `rest`
    "move" everybody else in those versions comes along, to the step with the same key, where there is one.
    """
    for one in undone:
        _restore(publication, one, now)
    back = Moved.objects.filter(publication=publication).values("enrollment_id").distinct().count()
    counts = {"restored": back} if back else {}
    if rest == "move":
        moves = _moves(publication.journey, publication.version, None)
        left = {one.version_id for one in undone} - {publication.version_id}
        more = [move for move in moves if move.version in left]
        for name, n in (_change(publication, more, now) if more else {}).items():
            counts[name] = counts.get(name, 0) + n
    if len(undone) > 1:
        with connection.cursor() as cursor:
            cursor.execute(SQL["once"], {"publication": publication.pk})
    return counts


def known(journey: Journey) -> list[Publication]:
    """The publications that can be taken back, the newest first."""
    told = Publication.objects.filter(journey=journey).select_related("former", "version")
    return list(told.order_by("-pk")[:KEPT])


def returning(undone: Sequence[Publication]) -> int:
    """How many people stand where a publication put them, or were taken out by it and have not come again."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["returning"], {"undone": [one.pk for one in undone]})
        return int(cursor.fetchone()[0])


def others(undone: Sequence[Publication]) -> int:
    """How many people are in the versions that would be taken back, without those who return."""
    versions = {one.version_id for one in undone} - {undone[-1].former_id}
    with connection.cursor() as cursor:
        cursor.execute(SQL["others"], {"undone": [one.pk for one in undone], "versions": list(versions)})
        return int(cursor.fetchone()[0])


def forget(publication: Publication) -> None:
    """What publications of long ago did cannot be taken back any more."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["forget"], {"journey": publication.journey_id, "kept": KEPT})


def _moves(journey: Journey, target: Version, plan: Plan | None) -> list[_Move]:
    """For every node at which somebody may stand. Without a plan everybody is to come along, as far as it goes."""
    new = drawn(target)
    moves = []
    for ident in occupied(journey):
        if ident == target.pk:
            continue
        old = Version.objects.get(pk=ident)
        standing = drawn(old)
        guests = Node.objects.filter(pk__in=old.guests)
        for node in (*standing.nodes.values(), *guests):
            change = new.change(node, standing.lines.get(node.key, {}))
            move = _along(node, change, new) if plan is None else _chosen(node, change, new, plan)
            if move:
                moves.append(_Move(ident, node.pk, *move))
    return moves


def _along(node: Node, change: Change, new: Drawn) -> tuple[Any, int] | None:
    """To the matching step of a version that is fixed already: what is different there decides again."""
    match change:
        case "same" | "rewired":
            return "stay", new.nodes[node.key].pk
        case "changed":
            return "retime", new.nodes[node.key].pk
        case _gone:
            return None


def _chosen(node: Node, change: Change, new: Drawn, plan: Plan) -> tuple[Any, int] | None:
    choice = plan.steps.get(node.key) or Choice(plan.rest if change == "same" else "keep")
    match choice.do:
        case "keep":
            return None
        case "exit":
            return "exit", node.pk
        case "move" if choice.to and (choice.to != node.key or change == "replaced"):
            return "arrive", _goal(node.key, choice.to, new)
        case do if change in ("removed", "replaced"):
            text = _("This step is gone: say where its people go on.")
            raise PlanError(node.key, text if do == "move" else _("This step is gone, so its wait cannot be timed."))
        case "retime":
            return "retime", new.nodes[node.key].pk
        case _move:
            return "stay", node.pk if change == "changed" else new.nodes[node.key].pk


def _goal(key: str, to: str, new: Drawn) -> int:
    node = new.nodes.get(to)
    if node is None or node.is_entry:
        raise PlanError(key, _("There is no step “%(to)s” to move people to.") % {"to": to})
    return node.pk


def _change(publication: Publication, moves: Sequence[_Move], now: datetime) -> dict[str, int]:
    bound: dict[str, Any] = {
        "publication": publication.pk,
        "target": publication.version_id,
        "version": [move.version for move in moves],
        "node": [move.node for move in moves],
        "what": [move.what for move in moves],
        "to": [move.to for move in moves],
        "reason": TAKEN_OUT,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL["change"], bound)
        rows = cursor.fetchall()
    counts: dict[str, int] = {}
    journey, target = publication.journey_id, publication.version_id
    bumps: list[Bump] = []
    gone: list[int] = []
    for version, node, what, to, people, left in rows:
        name = {"stay": "moved", "arrive": "moved", "retime": "retimed", "exit": "exited"}[what]
        counts[name] = counts.get(name, 0) + people
        if what == "exit":
            bumps += _gone(journey, version, node, people)
            gone += left
        else:
            bumps += _elsewhere(journey, (version, node), (target, to), people)
    bump(bumps, now)
    tell([(profile, journey) for profile in gone], now)
    if counts:
        wake_on_commit("advance")
    return counts


def _restore(publication: Publication, undone: Publication, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SQL["restore"], {"publication": publication.pk, "undone": undone.pk})
        rows = cursor.fetchall()
    journey = publication.journey_id
    bumps: list[Bump] = []
    turned: list[int] = []
    for from_version, from_node, version, node, was, state, people, who in rows:
        if was == state:
            bumps += _elsewhere(journey, (from_version, from_node), (version, node), people)
        else:
            bumps += _gone(journey, version, node, people if state != 1 else -people)
            turned += who
    bump(bumps, now)
    tell([(profile, journey) for profile in turned], now)
    wake_on_commit("advance")


def _elsewhere(journey: int, old: tuple[int, int], new: tuple[int, int], people: int) -> Iterator[Bump]:
    if old != new:
        yield Bump(journey, *old, "taken_out", people)
        yield Bump(journey, *new, "put_in", people)


def _gone(journey: int, version: int, node: int, people: int) -> Iterator[Bump]:
    """Out of the journey; a negative number comes back."""
    yield Bump(journey, version, node, "taken_out", people)
    yield Bump(journey, version, graph.load(version).home, "exited", people)
