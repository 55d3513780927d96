"""Things of which a person has one at most (an answer to a topic, a place on a list …), given back after a merge.

A merge makes one of two; both sides were written down before. What the survivor has now is only touched where it is
still what the merge made of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from django.db import connection
from django.db.models import Model

from omnichannel.shared import sql
from profiles.models import AccountMember, Consent, ListEntry, Membership, Merge, MergeMoved

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "unmerge.sql")

Row = dict[str, Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """One kind of thing: what tells two apart, when it was, which of two counts, and what it says."""

    what: str
    model: type[Model]
    key: tuple[str, ...]
    stamp: str
    pick: Callable[..., Row]
    says: tuple[str, ...]

    def key_of(self, row: Row) -> Key:
        """What tells it from others of the same person."""
        return tuple(row[name] for name in self.key)

    def at(self, row: Row) -> datetime:
        """When it was."""
        value = row[self.stamp]
        return value if isinstance(value, datetime) else datetime.fromisoformat(value)

    def best(self, rows: Sequence[Row]) -> dict[Key, Row]:
        """Of each the one that counts."""
        found: dict[Key, list[Row]] = {}
        for row in rows:
            found.setdefault(self.key_of(row), []).append(row)
        return {key: self.pick(some, key=self.at) for key, some in found.items()}


CONSENT: Final = Thing("consent", Consent, ("topic_id", "channel"), "at", max, ("subscribed", "source", "at"))
MEMBERSHIP: Final = Thing("membership", Membership, ("segment_id",), "since", min, ("since", "reason"))
LISTED: Final = Thing("listed", ListEntry, ("list_id",), "at", min, ("at", "source"))
COMPANY: Final = Thing("company", AccountMember, ("account_id",), "since", min, ("since",))
THINGS: Final = (CONSENT, MEMBERSHIP, LISTED, COMPANY)


def restore(merge: Merge, later: Sequence[Merge], now: datetime) -> None:
    """Give back to both. `later`: joins of the same survivor that still stand."""
    written = {one.what: one for one in merge.moved.exclude(what__in=("event", "attribute", "said", "note"))}
    notes = MergeMoved.objects.filter(merge__in=later, what__in=[thing.what for thing in THINGS])
    siblings = {(one.merge_id, one.what): one for one in notes}
    for thing in THINGS:
        if (note := written.get(thing.what)) is not None:
            mine, theirs = _sides(thing, note)
            others = [siblings[key] for one in later if (key := (one.pk, thing.what)) in siblings]
            _survivor(thing, merge, mine, theirs, others)
            _loser(thing, merge, theirs, now)
    if (note := written.get("apart")) is not None:
        _execute("apart", merge, note.rows, now)


def _sides(thing: Thing, note: MergeMoved) -> tuple[dict[Key, Row], dict[Key, Row]]:
    mine, theirs = ([row for row in note.rows if row["of_loser"] is side] for side in (False, True))
    return thing.best(mine), thing.best(theirs)


def _survivor(
    thing: Thing, merge: Merge, mine: dict[Key, Row], theirs: dict[Key, Row], others: Sequence[MergeMoved]
) -> None:
    names = (*thing.key, *thing.says)
    held = {thing.key_of(row): row for row in _objects(thing).filter(profile_id=merge.survivor_id).values(*names)}
    for key, their in theirs.items():
        made = thing.pick([row for row in (mine.get(key), their) if row], key=thing.at)
        row = held.get(key)
        rest = [one for one in (mine.get(key), *(_sides(thing, note)[1].get(key) for note in others)) if one]
        if row is not None and thing.at(row) == thing.at(made):
            kept = _objects(thing).filter(profile_id=merge.survivor_id, **{name: row[name] for name in thing.key})
            if rest:
                best = thing.pick(rest, key=thing.at)
                kept.update(**{name: best[name] for name in thing.says})
            elif thing is not MEMBERSHIP:  # there the conditions are asked anew, and say who left
                kept.delete()
        for note in others:
            _forget(thing, note, key, made, mine.get(key))


def _forget(thing: Thing, note: MergeMoved, key: Key, made: Row, mine: Row | None) -> None:
    """A later join wrote down what this one had made: it is what it was before."""
    rows = []
    for row in note.rows:
        if row["of_loser"] or thing.key_of(row) != key or thing.at(row) != thing.at(made):
            rows.append(row)
        elif mine is not None:
            rows.append(row | {name: mine[name] for name in thing.says})
    if rows != note.rows:
        note.rows = rows
        note.save(update_fields=["rows"])


def _loser(thing: Thing, merge: Merge, theirs: dict[Key, Row], now: datetime) -> None:
    if thing is MEMBERSHIP:
        _execute("rejoin_segments", merge, list(theirs.values()), now)
        return
    rows = [
        thing.model(profile_id=merge.loser_id, **{name: row[name] for name in (*thing.key, *thing.says)})
        for row in theirs.values()
    ]
    _objects(thing).bulk_create(rows, ignore_conflicts=True)


def _objects(thing: Thing) -> Any:
    return thing.model._default_manager


def _execute(statement: str, merge: Merge, rows: Sequence[Row], now: datetime) -> None:
    bound: dict[str, Any] = {"survivor": merge.survivor_id, "loser": merge.loser_id, "merged": merge.at, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], bound | {"rows": msgspec.json.encode(rows).decode()})
