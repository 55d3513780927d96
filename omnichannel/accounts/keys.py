"""Keys of programs: looking them up quickly, and revoking them.

A key is found by its SHA-256, so the comparison happens inside the index and its time says nothing about the key.
"""

import time
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from omnichannel.accounts.models import ApiKey, User, hash_key
from omnichannel.shared import clock

REMEMBER_SECONDS: Final = 3.0
REMEMBER_AT_MOST: Final = 1024
USED_AT_MOST_EVERY: Final = timedelta(minutes=1)

_seen: dict[str, tuple[int | None, float]] = {}


def find(key: str, kind: str) -> ApiKey | None:
    """The valid key with this secret text, marked as used; None if there is none."""
    row = ApiKey.objects.filter(hash=hash_key(key), kind=kind, revoked_at=None).select_related("created_by").first()
    if row is not None:
        touch(row, clock.now())
    return row


def touch(row: ApiKey, now: datetime) -> None:
    """Note the use of a key, at most once a minute."""
    before = now - USED_AT_MOST_EVERY
    if row.last_used_at is None or row.last_used_at <= before:
        late = Q(last_used_at=None) | Q(last_used_at__lte=before)
        ApiKey.objects.filter(late, pk=row.pk).update(last_used_at=now)


def write_key_id(key: str) -> int | None:
    """The id of a valid write key, for the ingest path: remembered for a few seconds in this process."""
    digest = hash_key(key)
    found = _seen.get(digest)
    if found is not None:
        if found[1] > time.monotonic():
            return found[0]
        _seen[digest] = (found[0], time.monotonic() + REMEMBER_SECONDS)  # one asks again, the others need not wait
    row = find(key, ApiKey.Kind.WRITE)
    ident = row.pk if row is not None else None
    if len(_seen) >= REMEMBER_AT_MOST:
        _seen.clear()
    _seen[digest] = (ident, time.monotonic() + REMEMBER_SECONDS)
    return ident


def forget() -> None:
    """Drop what this process remembers."""
    _seen.clear()


def revoke(row: ApiKey, *, by: User, now: datetime) -> None:
    """End a key for good. Other processes notice within `REMEMBER_SECONDS`."""
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
    forget()
