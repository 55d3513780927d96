"""Signs webhooks after Standard Webhooks, so that whoever receives one knows that it is from us and was not altered."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from journeys.models import WebhookKey
from omnichannel.shared.vault import seal, unseal

PREFIX: Final = "whsec_"
OVERLAP: Final = timedelta(days=1)


def keys(now: datetime) -> list[str]:
    """The keys to sign with, newest first; the first is made when it is needed."""
    current = _valid(now)
    if not current:
        renew(now)
        current = _valid(now)
    return [str(unseal(one.secret)["key"]) for one in current]


def _valid(now: datetime) -> list[WebhookKey]:
    return list(WebhookKey.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now)).order_by("-pk"))


@transaction.atomic
def renew(now: datetime) -> WebhookKey:
    """A new key; the former ones sign along for a day, so that receivers can change over."""
    WebhookKey.objects.filter(ends_at=None).update(ends_at=now + OVERLAP)
    made = PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    return WebhookKey.objects.create(secret=seal({"key": made}), created_at=now)


def headers(message_id: str, body: bytes, signing: Sequence[str], now: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks; the id is the same for every attempt."""
    stamp = str(int(now.timestamp()))
    signed = f"{message_id}.{stamp}.".encode() + body
    signatures = [
        base64.b64encode(hmac.new(base64.b64decode(key.removeprefix(PREFIX)), signed, hashlib.sha256).digest()).decode()
        for key in signing
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
