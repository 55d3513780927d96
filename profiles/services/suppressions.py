"""Addresses never to be written to: blocked by hand or because they bounced, and released again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from omnichannel.shared import sql
from profiles.ingest.attributes import email_identity, phone_identity
from profiles.ingest.forgotten import fingerprint, fingerprints
from profiles.models import Interest, Suppression
from profiles.services.changes import NewChange, record

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "suppressions.sql")
BY_HAND: Final = "by hand"
ERASED: Final = "erased"
PREFIX: Final = "erased:"  # before the hash of an address of somebody who was erased
Address = tuple[str, str]  # kind, address


class AddressError(ValueError):
    """Not an address; the text is for the person who typed it."""


def normal(text: str) -> Address:
    """The kind and the spelling under which an address is kept."""
    if email := email_identity(text):
        return "email", email
    if phone := phone_identity(text):
        return "phone", f"+{phone[2:]}" if phone.startswith("00") else phone
    raise AddressError(_("“%(text)s” is neither an e-mail address nor a phone number.") % {"text": text})


def blocked_address(kind: str, address: str) -> str:
    """How the address of somebody who was erased stands among the blocked ones."""
    return PREFIX + fingerprint(kind, address.lower()).hex()


def blocked_addresses(kind: str, address: str) -> list[str]:
    """The same, under every key that still counts."""
    return [PREFIX + one.hex() for one in fingerprints(kind, address.lower())]


def block(texts: Sequence[str], now: datetime) -> int:
    """Block these addresses. Returns how many were not blocked before."""
    return suppress({normal(text): BY_HAND for text in texts if text.strip()}, now)


def suppress(reasons: Mapping[Address, str], now: datetime) -> int:
    """Block addresses, each for a reason. Returns how many were not blocked before. A constant number of statements."""
    if not reasons:
        return 0
    columns = {"kinds": [kind for kind, _a in reasons], "addresses": [address for _k, address in reasons]}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["suppress"], {**columns, "reasons": list(reasons.values()), "now": now})
        new = cursor.fetchall()
        _tell(new, now)
    return len(new)


def release(suppression: Suppression, now: datetime) -> None:
    """Allow messages to this address again."""
    with transaction.atomic():
        address = (suppression.kind, suppression.address)
        suppression.delete()
        _tell([address], now)


def _tell(addresses: Sequence[Address], now: datetime) -> None:
    """Let segments that ask who can be reached look at the people with these addresses."""
    heard = set(Interest.objects.filter(kind="suppression").values_list("key", flat=True))
    asked = [one for one in addresses if one[0] in heard]
    if not asked:
        return
    with connection.cursor() as cursor:
        columns = {"kinds": [kind for kind, _a in asked], "addresses": [address for _k, address in asked]}
        cursor.execute(SQL["holders"], columns)
        record([NewChange(profile, "suppression", kind) for kind, profile in cursor.fetchall()], now)
