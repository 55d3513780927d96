"""Addresses never to be written to: blocked and released by hand. What bounces is blocked by the delivery."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from profiles.ingest.attributes import email_identity, phone_identity
from profiles.models import Suppression

BY_HAND = "by hand"


class AddressError(ValueError):
    """Not an address; the text is for the person who typed it."""


def normal(text: str) -> tuple[str, str]:
    """The kind and the spelling under which an address is kept."""
    if email := email_identity(text):
        return "email", email
    if phone := phone_identity(text):
        return "phone", f"+{phone[2:]}" if phone.startswith("00") else phone
    raise AddressError(_("“%(text)s” is neither an e-mail address nor a phone number.") % {"text": text})


@transaction.atomic
def block(texts: list[str], now: datetime) -> int:
    """Block these addresses. Returns how many were not blocked before."""
    found = {normal(text) for text in texts if text.strip()}
    known = set(
        Suppression.objects.filter(address__in=[address for _kind, address in found]).values_list("kind", "address")
    )
    rows = [Suppression(kind=kind, address=address, reason=BY_HAND, at=now) for kind, address in sorted(found - known)]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def release(suppression: Suppression) -> None:
    """Allow messages to this address again."""
    suppression.delete()
