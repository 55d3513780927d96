"""People at a step, moved by a marketer's hand: to another step, on their way, or out; one by one or all at once.

A few statements, whatever the number of people, with everybody of the journey held as at a publication.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from journeys.engine import graph
from journeys.engine.told import tell
from journeys.models import Journey, Node
from journeys.services import changeover
from journeys.services.lifecycle import LifecycleError
from journeys.tally import Bump, bump
from journeys.wakeup import wake_on_commit
from omnichannel.accounts import audit
from omnichannel.accounts.models import User
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "by_hand.sql")
COMPLETED, EXITED = 2, 3
REMOVED: Final = "Taken out by hand"

At = tuple[int, int]  # version, node
Route = Callable[[int, int], tuple[int | None, int | None] | None]  # from where to where; None: stay


def act(journey: Journey, enrollments: Sequence[int], do: str, what: str, by: User | None, now: datetime) -> int:
    """ "move" to a step, "release" by a way out, or "remove"; it is written down who did it. Gives how many it was done
    with.
    """
    with transaction.atomic():
        match do:
            case "move":
                changed = move(journey, enrollments, what, now)
            case "release":
                changed = release(journey, enrollments, what, now)
            case "remove":
                changed = remove(journey, enrollments, now)
            case _unknown:
                raise LifecycleError(_("Choose what to do with them."))
        if changed:
            _note(journey, by, do, what, changed)
    return changed


def _note(journey: Journey, by: User | None, do: str, what: str, changed: int) -> None:
    """By the names of steps and ways, since keys tell nobody anything."""
    live = Journey.objects.values_list("live_id", flat=True).get(pk=journey.pk)
    nodes = graph.load(live).nodes.values() if live else ()
    ways = {str(label) for node in nodes for port, label in node.get_ports() if port == what and label}
    details = {"people": str(changed)} | ({"way": ways.pop()} if do == "release" and len(ways) == 1 else {})
    to = next((str(node.title()) for node in nodes if node.key == what), what)
    audit.note({"move": "moved", "release": "released", "remove": "removed"}[do], journey, by, details, to=to)


def move(journey: Journey, enrollments: Sequence[int], to: str, now: datetime) -> int:
    """To a step of the live version, where they come in anew. Gives how many: who has left by now is left alone."""
    with transaction.atomic():
        live = _held(journey).live_id
        target = Node.objects.filter(version_id=live, key=to).first() if live else None
        if live is None or target is None or target.is_entry:
            raise LifecycleError(_("Choose the step to move people to."))
        node = target.pk
        rows = _act(journey, enrollments, lambda _v, at: (live, node) if at != node else None, "moved", "", 0, "", now)
        bump([b for v, at, tv, tn, n, _who in rows for b in _put(journey.pk, (v, at), (tv, tn), n)], now)
    return sum(row[4] for row in rows)


def release(journey: Journey, enrollments: Sequence[int], port: str, now: datetime) -> int:
    """Out of the step by this port, without waiting for what they waited for; where it leads nowhere, to the end."""

    def onward(version: int, node: int) -> tuple[int | None, int | None] | None:
        compiled = graph.load(version)
        if port not in dict(compiled.nodes[node].get_ports()):
            return None
        to = compiled.lines.get((node, port))
        return (version if to else None), to

    with transaction.atomic():
        _held(journey)
        rows = _act(journey, enrollments, onward, "released", port, COMPLETED, "", now)
        counted: list[Bump] = []
        for version, node, _to_version, to, n, _who in rows:
            at = (journey.pk, version)
            counted += [Bump(*at, node, "left", n), Bump(*at, node, f"port:{port}", n)]
            counted.append(Bump(*at, to, "entered", n) if to else _over(journey.pk, version, "completed", n))
        bump(counted, now)
        _tell(journey, [row for row in rows if row[3] is None], now)
    return sum(row[4] for row in rows)


def remove(journey: Journey, enrollments: Sequence[int], now: datetime) -> int:
    """Out of the journey."""
    with transaction.atomic():
        _held(journey)
        rows = _act(journey, enrollments, lambda _v, _n: (None, None), "removed", "", EXITED, REMOVED, now)
        counted: list[Bump] = []
        for version, node, _to_version, _to, n, _who in rows:
            counted += [Bump(journey.pk, version, node, "taken_out", n), _over(journey.pk, version, "exited", n)]
        bump(counted, now)
        _tell(journey, rows, now)
    return sum(row[4] for row in rows)


def _held(journey: Journey) -> Journey:
    """The journey as it is when nobody handles changes or moves people any more."""
    with connection.cursor() as cursor:
        cursor.execute(changeover.SQL["hold"])
    held = Journey.objects.get(pk=journey.pk)
    if held.state == Journey.State.ARCHIVED:
        raise LifecycleError(_("This journey is archived."))
    return held


def _act(
    journey: Journey,
    enrollments: Sequence[int],
    route: Route,
    outcome: str,
    port: str,
    over: int,
    reason: str,
    now: datetime,
) -> list[Any]:
    chosen: dict[str, Any] = {"ids": list(enrollments), "journey": journey.pk}
    with connection.cursor() as cursor:
        cursor.execute(SQL["lock"], chosen)
        cursor.execute(SQL["nodes"], chosen)
        plan = [(at, to) for at in cursor.fetchall() if (to := route(*at)) is not None]
        bound = {
            "version": [at[0] for at, _to in plan],
            "node": [at[1] for at, _to in plan],
            "to_version": [to[0] for _at, to in plan],
            "to_node": [to[1] for _at, to in plan],
            "outcome": outcome,
            "port": port,
            "over": over,
            "reason": reason,
            "now": now,
        }
        cursor.execute(SQL["act"], chosen | bound)
        rows = cursor.fetchall()
    if rows:
        wake_on_commit("advance")
    return rows


def _put(journey: int, old: At, new: At, people: int) -> list[Bump]:
    return [Bump(journey, *old, "taken_out", people), Bump(journey, *new, "put_in", people)]


def _over(journey: int, version: int, how: str, people: int) -> Bump:
    return Bump(journey, version, graph.load(version).home, how, people)


def _tell(journey: Journey, rows: Sequence[Any], now: datetime) -> None:
    tell([(profile, journey.pk) for row in rows for profile in row[5]], now)
