"""People who were erased do not come back by accident: not by a call sent again, not by a late one, not by a visit.

Only keyed hashes of what named them are kept. They come back as somebody new when they identify anew. A call is judged
by what names its person: the user id, else the anonymous id, else an address; on a shared device others go on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final
from uuid import UUID

from omnichannel.shared import sql, vault
from profiles.ingest.decode import Call
from profiles.ingest.identifiers import Identifier, all_identifiers, contacts
from profiles.ingest.person import Person
from profiles.models import Erased

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "forgotten.sql")
PURPOSE: Final = "erased"
SIZE: Final = 16


def fingerprint(kind: str, value: str) -> bytes:
    """What is kept of an identity, or of a call (kind "message")."""
    return _hash(vault.masters()[0], kind, value)


def fingerprints(kind: str, value: str) -> list[bytes]:
    """The same under every key that still counts."""
    return [_hash(master, kind, value) for master in vault.masters()]


def _hash(master: str, kind: str, value: str) -> bytes:
    return blake2b(f"{kind}\0{value}".encode(), digest_size=SIZE, key=vault.derive(master, PURPOSE)).digest()


def forget(identities: Iterable[Identifier], messages: Iterable[UUID], now: datetime) -> None:
    """Keep hashes of these. A second erasure counts from its own moment."""
    hashes = {fingerprint(*one) for one in identities} | {fingerprint("message", str(one)) for one in messages}
    Erased.objects.bulk_create(
        [Erased(hash=one, at=now) for one in sorted(hashes)],
        update_conflicts=True,
        unique_fields=["hash"],
        update_fields=["at"],
    )


def unwanted(calls: Sequence[Call], owners: Mapping[Identifier, Person]) -> set[UUID]:
    """Calls that would bring back somebody erased; at most two statements.

    The caller has looked up the owners before: whoever was erased meanwhile is found here.
    """
    if not _anybody():  # as nearly always; and hashing is not free
        return set()
    named = [(name, call) for call in calls if (name := _name(call))]
    wanted = {one for name, call in named for one in (*fingerprints(*name), *_calls(call))}
    with sql.bound() as cursor:
        cursor.execute(SQL["known"], {"hashes": " ".join(one.hex() for one in wanted)})
        known = {bytes(one): at for one, at in cursor.fetchall()}
    found: set[UUID] = set()
    if not known:
        return found
    back = set(owners)  # named by somebody who is there, or who identified anew in this batch
    for name, call in named:
        erased = max((known[one] for one in fingerprints(*name) if one in known), default=None)
        if erased is not None and _is_unwanted(call, erased, known, is_back=name in back):
            found.add(call.message_id)
        elif call.kind == "identify":
            back.update(all_identifiers(call))
    return found


def _anybody() -> bool:
    with sql.bound() as cursor:
        cursor.execute(SQL["anybody"])
        return cursor.fetchone() is not None


def _is_unwanted(call: Call, erased: datetime, known: Mapping[bytes, datetime], *, is_back: bool) -> bool:
    """Late, sent again, or by somebody who has not identified anew."""
    again = any(one in known for one in _calls(call))
    return again or call.occurred_at <= erased or not (is_back or call.kind == "identify")


def _calls(call: Call) -> list[bytes]:
    return fingerprints("message", str(call.message_id)) if call.kind == "identify" else []


def _name(call: Call) -> Identifier | None:
    if call.user_id:
        return Identifier("user_id", call.user_id)
    if call.anonymous_id:
        return Identifier("anonymous_id", call.anonymous_id)
    return next(iter(contacts(call)), None)
