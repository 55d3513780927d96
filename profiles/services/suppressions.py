"""Addresses never to be written to: blocked by hand or because they bounced, and released again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from omnichannel.shared import sql
from omnichannel.shared.sql import escaped
from profiles.ingest.guard import NOBODY, address_of, blocked_addresses
from profiles.ingest.rules import Limits
from profiles.models import Interest, Suppression
from profiles.services.changes import NewChange, record

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "suppressions.sql")
BY_HAND: Final = "by hand"
Address = tuple[str, str]  # kind, address


class AddressError(ValueError):
    """Not an address; the text is for the person who typed it."""


def normal(text: str) -> Address:
    """The kind and the spelling under which an address is kept."""
    if found := address_of("email", text) or address_of("phone", text):
        return found
    raise AddressError(_("“%(text)s” is neither an e-mail address nor a phone number.") % {"text": text})


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
        _tell(new, now, blocked=True)
    return len(new)


def release(suppression: Suppression, now: datetime) -> None:
    """Allow messages to this address again. AddressError: it names nobody, and would be blocked by the next call."""
    if suppression.reason == NOBODY:
        raise AddressError(_("This value names nobody. Take it off the list under Settings → Who is who."))
    with transaction.atomic():
        address = (suppression.kind, suppression.address)
        Suppression.objects.filter(kind=address[0], address__in=[address[1], *blocked_addresses(*address)]).delete()
        _tell([address], now, blocked=False)


def name_nobody(before: Limits, limits: Limits, now: datetime) -> None:
    """Other values name nobody from now on: addresses that people have are blocked, or released."""
    likes = [escaped(one.lower()).replace("*", "%") for one in limits.blocked if one not in before.blocked]
    with transaction.atomic(), connection.cursor() as cursor:
        blocked = Suppression.objects.filter(reason=NOBODY).values_list("kind", "address")
        free = [one for one in blocked if not limits.names_nobody(*one)]
        for kind in {kind for kind, _a in free}:
            Suppression.objects.filter(kind=kind, reason=NOBODY, address__in=[a for k, a in free if k == kind]).delete()
        _tell(free, now, blocked=False)
        cursor.execute(SQL["carried"], {"likes": likes})
        suppress(dict.fromkeys(cursor.fetchall(), NOBODY), now)


def _tell(addresses: Sequence[Address], now: datetime, *, blocked: bool) -> None:
    """Let segments that ask who can be reached, and journeys that people leave, hear of those with these addresses."""
    heard = set(Interest.objects.filter(kind="suppression").values_list("key", flat=True))
    asked = [one for one in addresses if one[0] in heard or "*" in heard]
    if not asked:
        return
    with connection.cursor() as cursor:
        columns = {"kinds": [kind for kind, _a in asked], "addresses": [address for _k, address in asked]}
        cursor.execute(SQL["holders"], columns)
        told = {(kind, profile) for kind, _address, profile in cursor.fetchall()}
        data = {"blocked": blocked}
        record([NewChange(profile, "suppression", kind, data=data) for kind, profile in sorted(told)], now)


def holders(addresses: Sequence[Address], besides: Sequence[int]) -> set[Address]:
    """Which of these addresses somebody has, besides these people."""
    with connection.cursor() as cursor:
        columns = {"kinds": [kind for kind, _a in addresses], "addresses": [address for _k, address in addresses]}
        cursor.execute(SQL["holders"], columns)
        return {(kind, address) for kind, address, profile in cursor.fetchall() if profile not in besides}
