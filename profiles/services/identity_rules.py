"""The limits that marketers set to identities."""

from typing import Any

from profiles.ingest.rules import Limits
from profiles.models import IdentitySettings


def current() -> Limits:
    """What counts now."""
    row = IdentitySettings.objects.filter(pk=1).first()
    return Limits.read(row.limits if row else {})


def change(limits: dict[str, Any]) -> None:
    """From the next call on, these count."""
    row, _made = IdentitySettings.objects.get_or_create(pk=1)
    row.limits = limits
    row.save()
