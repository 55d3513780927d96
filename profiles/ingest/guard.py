"""Addresses that must not be written to are blocked the moment somebody comes with them, in the same transaction.

Two are known only then: the address of somebody who was erased, of which a hash was kept, and what names nobody.
So whoever asks whom they can reach, segments, pages and the delivery, finds the answer in one place.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from omnichannel.shared import sql
from profiles.ingest.attributes import email_identity, phone_identity, plus
from profiles.ingest.forgotten import fingerprint, fingerprints
from profiles.ingest.identifiers import Identifier
from profiles.ingest.rules import Limits
from profiles.models import Erased

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "suppressions.sql")
ADDRESSES: Final = ("email", "phone", "device_token", "chat_id")
ERASED: Final = "erased"
NOBODY: Final = "nobody"
PREFIX: Final = "erased:"  # before the hash of an address of somebody who was erased


def address_of(kind: str, value: object) -> Identifier | None:
    """The spelling under which an address is blocked; None when it is not one."""
    if kind == "email":
        found = email_identity(value)
    elif kind == "phone":
        found = plus(number) if (number := phone_identity(value)) else None
    else:
        found = value if kind in ADDRESSES and isinstance(value, str) else None
    return Identifier(kind, found) if found else None


def blocked_address(kind: str, address: str) -> str:
    """How the address of somebody who was erased stands among the blocked ones."""
    return PREFIX + fingerprint(kind, address.lower()).hex()


def blocked_addresses(kind: str, address: str) -> list[str]:
    """The same, under every key that still counts."""
    return [PREFIX + one.hex() for one in fingerprints(kind, address.lower())]


def guard(addresses: Collection[Identifier], limits: Limits, now: datetime) -> None:
    """Somebody has these addresses now, spelled as by `address_of`. At most three statements."""
    if not addresses:
        return
    _block({one for one in addresses if limits.names_nobody(*one)}, NOBODY, now)
    if not Erased.objects.exists():  # as nearly always; and hashing is not free
        return
    spelled = {hashed: one for one in addresses for hashed in blocked_addresses(*one)}
    with sql.bound() as cursor:
        cursor.execute(SQL["blocked"], {"addresses": list(spelled)})
        _block({spelled[row[0]] for row in cursor.fetchall()}, ERASED, now)


def _block(addresses: Iterable[Identifier], reason: str, now: datetime) -> None:
    """Who has the address is looked at anyway; others who have it were told when it was blocked first."""
    found = sorted(addresses)
    if found:
        bound = {"kinds": [one.kind for one in found], "addresses": [one.value for one in found]}
        with sql.bound() as cursor:
            cursor.execute(SQL["suppress"], {**bound, "reasons": [reason] * len(found), "now": now})
