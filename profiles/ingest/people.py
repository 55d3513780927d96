"""Writes down what became of a crowd: who is new, who is who, what is known of them now, and what was refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from profiles.ingest import accounts, history, rows
from profiles.ingest.decode import Call
from profiles.ingest.guard import ADDRESSES, address_of, guard
from profiles.ingest.identifiers import Identifier
from profiles.ingest.identify import Crowd
from profiles.ingest.merge import merge, merged_changes, row_of
from profiles.ingest.person import Person, Refusal
from profiles.services.changes import NewChange


def write(
    crowd: Crowd, calls: Mapping[int, Call], source: str | None, now: datetime
) -> tuple[list[int], list[NewChange]]:
    """The ids of the merges, and who is new and who was joined, for the outbox. `calls` by place.

    In the order that never deadlocks: profiles are locked, then identities by value. Events come after.
    """
    created = [person for person in crowd.people if person.row is None]
    new = set(map(id, created))
    rows.create(created, now)
    rows.add_identities({one: row(owner) for one, owner in crowd.added.items()}, now)
    rows.change_identities(
        {one: (row(crowd.owners[one]), crowd.met.get(one, ())) for one in crowd.moved if one not in crowd.added}
    )
    news = accounts.write(crowd.groups, now)
    merges = merge(crowd.merges, calls, now)
    living = [person for person in crowd.people if person.into is None]
    rows.update([one for one in living if id(one) not in new], now)
    rows.see(living)
    guard(_addresses(crowd), crowd.limits, now)
    history.add_all(crowd, calls, merges, source, now)
    rows.refuse([_refusal(one, calls[one.call]) for one in crowd.refusals], now)
    news += [NewChange(row(person), "created") for person in living if id(person) in new]
    named = {(row(crowd.owners[one]), one.kind) for one in (*crowd.added, *crowd.moved)} | crowd.lost
    news += [NewChange(owner, "identity", kind) for owner, kind in sorted(named)]
    return merges, news + merged_changes(crowd.merges, merges)


def row(person: Person) -> int:
    """The row of who this person has become."""
    return row_of(person.now())


def _addresses(crowd: Crowd) -> set[Identifier]:
    """New to somebody: as an attribute or as an identity."""
    told = {address_of(one.name, one.new) for one in crowd.changes if one.name in ("email", "phone")}
    told |= {address_of(*one) for one in crowd.added if one.kind in ADDRESSES}
    return {one for one in told if one}


def _refusal(one: Refusal, call: Call) -> dict[str, Any]:
    return {
        "profile_id": row(one.person),
        "other_id": one.other.now().row if one.other else None,
        "kind": one.by.kind,
        "value": one.by.value,
        "reason": one.reason,
        "message_id": call.message_id,
    }
