"""The rounds of a test with the past in which people are in each other's way (see journeys.engine.contest)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.utils.dateparse import parse_datetime

from journeys.engine import contest
from journeys.engine.contest import Ahead, Place, Wish
from journeys.engine.graph import Graph
from journeys.engine.replay import Replayed
from omnichannel.jobs.models import Job
from omnichannel.shared import sql
from profiles.bulk import picked

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "wished.sql")
MOST: Final = 6  # rounds, after which the turns that are known count
GIVEN: Final = 10_000


def ahead(job: Job, ids: Sequence[int]) -> dict[int, Ahead]:
    """What the round before says about these people; nothing in the first."""
    if job.cursor.get("round", 1) == 1:
        return {}
    wished: dict[int, dict[Wish, datetime]] = defaultdict(dict)
    turns: dict[int, dict[Wish, datetime]] = defaultdict(dict)
    for profile, gate, number, visit, at, turn in _rows("of", {"job": job.pk, "profiles": list(ids)}):
        wished[profile][Wish(gate, number, visit)] = at
        if turn is not None:
            turns[profile][Wish(gate, number, visit)] = turn
    last = _place(job.cursor.get("last"))
    return {ident: Ahead(last, wished[ident], turns[ident]) for ident in ids}


def note(job: Job, customers: Sequence[Replayed]) -> None:
    """Write down what these people wanted, where it is something else than in the round before."""
    others = [one for one in customers if one.wished != one.ahead.wished]
    if not others:
        return
    wishes = [(one.profile_id, *wish, at) for one in others for wish, at in one.wished.items()]
    names = ("profile", "gate", "number", "visit", "at")
    columns: dict[str, Any] = {name: [] for name in names}
    columns |= {name: list(column) for name, column in zip(names, zip(*wishes, strict=True), strict=False)}
    with connection.cursor() as cursor:
        cursor.execute(SQL["forget"], {"job": job.pk, "profiles": [one.profile_id for one in others]})
        cursor.execute(SQL["note"], {"job": job.pk, **columns})


def another(job: Job, compiled: Graph, now: datetime) -> bool:
    """When everybody has gone through the drawing: whether they have to once more. Then it has begun."""
    if not contest.contested(compiled):
        return False
    last, moved = _last(job, compiled), sum(_give(job, key, need) for key, need in contest.gates(compiled).items())
    done = job.cursor.get("round", 1)
    settled = moved == 0 and _place(job.cursor.get("last")) == last
    if settled or done == MOST:
        job.result = {**job.result, "rough": not settled}
        return False
    job.cursor = {**job.cursor, "round": done + 1, "last": _told(last), "before": job.done}
    before = job.total or 0
    picked.pick(job, (row[0] for row in _rows("people", {"job": job.pk})), now)
    job.total = before + (job.total or 0)
    job.result = job.cursor.get("sure", {})
    return True


def clear(job: Job) -> None:
    """The run is over."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["clear"], {"job": job.pk})


def _last(job: Job, compiled: Graph) -> Place | None:
    total = compiled.rules.total
    found = _rows("last", {"job": job.pk, "before": total - 1}) if total else []
    return Place(*found[0]) if found else None


def _give(job: Job, key: str, need: Any) -> int:
    """Everybody at a gate gets their turn; how many have another one than before."""
    moved = 0
    turns = contest.in_turn(_queue(job, key), need)
    while some := list(islice(turns, GIVEN)):
        bound = {"id": [ident for ident, _turn in some], "turn": [turn for _ident, turn in some]}
        moved += _rows("give", bound)[0][0]
    return moved


def _queue(job: Job, key: str) -> Iterator[tuple[int, datetime]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(SQL["queue"], {"job": job.pk, "gate": key})
        while rows := cursor.fetchmany(GIVEN):
            yield from rows


def _told(place: Place | None) -> list[Any] | None:
    return [place.at.isoformat(), place.profile_id, place.number] if place else None


def _place(told: list[Any] | None) -> Place | None:
    at = parse_datetime(told[0]) if told else None
    return Place(at, told[1], told[2]) if told and at else None


def _rows(statement: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], bound)
        return list(cursor.fetchall())
