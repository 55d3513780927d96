"""The limits that marketers set to identities."""

from datetime import datetime
from typing import Any

from django.db import transaction

from profiles.ingest.rules import Limits
from profiles.models import IdentitySettings
from profiles.services import suppressions


def current() -> Limits:
    """What counts now."""
    row = IdentitySettings.objects.filter(pk=1).first()
    return Limits.read(row.limits if row else {})


@transaction.atomic
def change(limits: dict[str, Any], now: datetime) -> None:
    """From the next call on, these count. Which addresses name nobody counts for those of before as well."""
    row, _made = IdentitySettings.objects.select_for_update().get_or_create(pk=1)
    before = Limits.read(row.limits)
    row.limits = limits
    row.save()
    suppressions.name_nobody(before, Limits.read(limits), now)
