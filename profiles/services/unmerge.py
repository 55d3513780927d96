"""Undo a join of two profiles: both get back what they had before it.

Identities, events, notes, consents, lists, companies and memberships of the loser go back; attributes that the
survivor got from it go, unless they were changed since. What came after the join stays with the survivor. Journeys
hear of it by the change "unmerged" and give back what they moved. The identity that joined the two will not do so
again.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from django.db import connection, transaction
from django.db.utils import OperationalError
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected

from omnichannel.accounts.models import User
from omnichannel.shared import sql
from profiles.models import Apart, AttributeChange, Merge, Profile
from profiles.services import changes, merged_things
from profiles.services.changes import NewChange

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "unmerge.sql")
ATTEMPTS: Final = 5
FOLLOWED: Final = ("event", "attribute", "said", "note")


class UnmergeError(ValueError):
    """This join cannot be undone; the text is for the person who asked."""


def unmerge(merge_id: int, *, by: User | None, now: datetime) -> Profile:
    """Undo one join. Returns the profile that is somebody of their own again."""
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _unmerge(merge_id, by, now)
        except OperationalError as error:
            again = isinstance(error.__cause__, DeadlockDetected) and attempt < ATTEMPTS - 1
            if not again or connection.in_atomic_block:
                raise
    raise AssertionError("unreachable")


def _unmerge(merge_id: int, by: User | None, now: datetime) -> Profile:
    """The people are locked first: so nothing of this join, or of one that came later, changes meanwhile."""
    merge = Merge.objects.get(pk=merge_id)
    survivor, loser = _hold(merge.survivor_id), _hold(merge.loser_id)
    merge.refresh_from_db()
    if merge.undone_at is not None:
        raise UnmergeError(_("This join was undone before."))
    if survivor["into"] is not None:
        raise UnmergeError(_("Who remained was joined with somebody else later. Undo that join first."))
    if loser["into"] != merge.survivor_id:
        raise UnmergeError(_("These two are not one person any more."))
    later = list(Merge.objects.filter(survivor=merge.survivor_id, undone_at=None, pk__gt=merge.pk).order_by("pk"))
    _give_back(merge)
    _restore(merge, survivor, later, now)
    merged_things.restore(merge, later, now)
    merge.undone_at, merge.undone_by = now, by
    merge.save(update_fields=["undone_at", "undone_by"])
    Apart.objects.bulk_create(
        Apart(one_id=one, other_id=other, kind=merge.kind, value=merge.value, merge=merge)
        for one, other in ((merge.survivor_id, merge.loser_id), (merge.loser_id, merge.survivor_id))
    )
    data = {"merge": merge.pk, "from": merge.loser_id, "into": merge.survivor_id}
    changes.record([NewChange(who, "unmerged", data=data) for who in sorted((merge.loser_id, merge.survivor_id))], now)
    return Profile.objects.get(pk=merge.loser_id)


def _hold(profile_id: int) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(SQL["hold"], {"profile": profile_id})
        row = cursor.fetchone()
    if row is None:
        raise UnmergeError(_("One of the two was erased."))
    names = ("id", "into", "attributes", "created_at", "last_seen_at")
    found: dict[str, Any] = dict(zip(names, row, strict=True))
    return found | {"attributes": msgspec.json.decode(found["attributes"])}


def _give_back(merge: Merge) -> None:
    """Identities, and rows that moved as they are."""
    both = {"survivor": merge.survivor_id, "loser": merge.loser_id}
    names = [{"kind": kind, "value": value} for kind, value in merge.identities]
    moved: dict[str, list[int]] = {}
    for one in merge.moved.filter(what__in=FOLLOWED):
        moved.setdefault(one.what, []).extend(one.rows)
    with connection.cursor() as cursor:
        cursor.execute(SQL["identities"], both | {"rows": _text(names)})
        for what, ids in moved.items():
            cursor.execute(SQL[what], both | {"ids": ids})
        cursor.execute(SQL["signposts"], both)
    AttributeChange.objects.filter(profile=merge.survivor_id, source=f"merge:{merge.pk}").delete()


def _restore(merge: Merge, survivor: dict[str, Any], later: Sequence[Merge], now: datetime) -> None:
    """Attributes and times of both; joins that came later are told that this one never was."""
    mine, theirs = merge.survivor_before, merge.loser_before
    created, seen = _moment(survivor["created_at"]), _moment(survivor["last_seen_at"])
    attributes = without(survivor["attributes"], merge, later)
    before = {
        "created_at": undone(created, mine["created_at"], theirs["created_at"], later, "created_at", min),
        "last_seen_at": undone(seen, mine["last_seen_at"], theirs["last_seen_at"], later, "last_seen_at", max),
    }
    for one in later:
        held = one.survivor_before
        for name, pick in (("created_at", min), ("last_seen_at", max)):
            held[name] = undone(held[name], mine[name], theirs[name], (), name, pick)
        held["attributes"] = without(held["attributes"], merge, ())
        one.save(update_fields=["survivor_before"])
    with connection.cursor() as cursor:
        for statement, who, known, times in (
            ("revive", "loser", theirs["attributes"], theirs),
            ("give_up", "survivor", attributes, before),
        ):
            cursor.execute(
                SQL[statement],
                {
                    who: getattr(merge, f"{who}_id"),
                    "attributes": _text(known),
                    "created": times["created_at"],
                    "now": now,
                },
            )
        seen_at = ((merge.loser_id, theirs), (merge.survivor_id, before))
        rows = [{"profile_id": profile, "at": times["last_seen_at"]} for profile, times in seen_at]
        cursor.execute(SQL["seen"], {"rows": _text(rows)})


def without(attributes: dict[str, Any], merge: Merge, later: Sequence[Merge]) -> dict[str, Any]:
    """The survivor's attributes as if this loser had never been joined: what it filled, somebody later may have."""
    filled = {name: value for name, value in merge.filled.items() if _same(attributes.get(name), value)}
    kept = {name: value for name, value in attributes.items() if name not in filled}
    for one in later:
        for name in filled.keys() & one.loser_before["attributes"].keys():
            kept.setdefault(name, one.loser_before["attributes"][name])
    return kept


def undone(
    now_is: str | None, mine: str | None, theirs: str | None, later: Sequence[Merge], name: str, pick: Any
) -> str | None:
    """A first or last time, without the loser's: where it is theirs, it is the best of the others again."""
    moments = {text: datetime.fromisoformat(text) for text in (now_is, mine, theirs) if text}
    if not now_is or not theirs or moments[now_is] != moments[theirs]:
        return now_is
    others = [text for text in (mine, *(one.loser_before[name] for one in later)) if text]
    best: str | None = pick(others, key=datetime.fromisoformat) if others else None
    return best


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and type(one) is type(other)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
