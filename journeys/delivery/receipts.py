"""What came back about messages: opens, clicks, replies, bounces, complaints, unsubscribes. One transaction per batch.

The first of each is kept on the message and counted; every one is an event on the person's timeline. A repeat of the
same receipt changes nothing. Opens and clicks of machines are kept too, with the sign that gave them away.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import connection, transaction

from journeys.contracts.provider import Receipt
from journeys.delivery.facts import DEFAULT_TOPIC, SQL
from journeys.delivery.sent import HUMAN, Sent
from journeys.delivery.unmask import unmask
from journeys.registry import channels
from journeys.tally import Bump, bump
from profiles.ingest import TrackRow, track
from profiles.models import Topic
from profiles.services.consent import Word, say
from profiles.services.suppressions import suppress

EVENTS: Final = {
    "delivered": "Message Delivered",
    "opened": "Message Opened",
    "clicked": "Message Clicked",
    "bounced": "Message Bounced",
    "complained": "Message Complained",
    "unsubscribed": "Message Unsubscribed",
    "replied": "Message Replied",
}
MARKED: Final = ("delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "replied")
COUNTED: Final = {*MARKED, "human_opened", "human_clicked"}
# What proves what: a click needs an open mail, an open mail has arrived.
IMPLIES: Final = {
    "clicked": ("opened", "delivered"),
    "opened": ("delivered",),
    "complained": ("delivered",),
    "replied": ("delivered",),
}
SPACE: Final = UUID("5b0c4f6e-9a0d-4d0e-8a5e-0f6b1f3f6d11")


def record(receipts: Sequence[Receipt], now: datetime, *, account_id: int | None = None) -> int:
    """Returns how many receipts were about messages of ours. `account_id`: whose provider ids they carry."""
    if not receipts:
        return 0
    with transaction.atomic():
        known = _known(receipts, account_id)
        sent = _load({receipt.message_id for receipt in known if receipt.message_id})
        about = unmask([(sent[r.message_id], r) for r in known if r.message_id in sent], now)
        rows: dict[UUID, TrackRow] = {}
        for message, receipt in about:
            for row in _note(message, receipt):
                rows[row.message_id] = row
        _mark([message for message in sent.values() if message.changed])
        _tally(sent.values(), now)
        _consequences(about, now)
        track(list(rows.values()), now)
    return len(about)


def _note(message: Sent, receipt: Receipt) -> Iterator[TrackRow]:
    """Remember what is new about the message; gives the events to write.

    Pictures are often blocked: a click without an open is an open too.
    """
    if receipt.kind == "probed":
        return
    for kind in IMPLIES.get(receipt.kind, ()):
        new = message.note(kind, receipt) if kind in HUMAN else message.first(kind, receipt.at)
        if new and kind == "opened" and not message.is_test:
            yield _event(message, replace(receipt, kind="opened", detail=""))
    if receipt.kind in HUMAN:
        message.note(receipt.kind, receipt)
    elif receipt.kind in MARKED:
        message.first(receipt.kind, receipt.at)
    if not message.is_test:
        yield _event(message, receipt)


def _known(receipts: Sequence[Receipt], account_id: int | None) -> list[Receipt]:
    """Every receipt with our own id of its message; those about strangers' messages are left out."""
    theirs = [r.provider_message_id for r in receipts if r.message_id is None and r.provider_message_id]
    ours: dict[str, int] = {}
    if theirs:
        with connection.cursor() as cursor:
            cursor.execute(SQL["by_provider_id"], {"ids": theirs, "account": account_id})
            ours = dict(cursor.fetchall())
    named = (r if r.message_id else replace(r, message_id=ours.get(r.provider_message_id)) for r in receipts)
    return [receipt for receipt in named if receipt.message_id]


def _load(ids: set[int]) -> dict[int, Sent]:
    with connection.cursor() as cursor:
        cursor.execute(SQL["for_receipts"], {"ids": sorted(ids)})
        return {row[0]: Sent(*row) for row in cursor.fetchall()}


def _mark(messages: Sequence[Sent]) -> None:
    if not messages:
        return
    values: dict[str, Any] = {kind: [message.firsts.get(kind) for message in messages] for kind in MARKED}
    for name in ("human_opened", "human_clicked", "probed"):
        values[name] = [getattr(message, name) for message in messages]
    with connection.cursor() as cursor:
        cursor.execute(SQL["mark"], {"ids": [message.id for message in messages], **values})


def _tally(messages: Iterable[Sent], now: datetime) -> None:
    counts: Counter[tuple[int, int, int, str, str]] = Counter()
    for m in messages:
        if m.journey_id and m.version_id and m.node_id:
            place = (m.journey_id, m.version_id, m.node_id, m.channel)
            for kind in m.firsts.keys() & COUNTED:
                counts[*place, kind] += 1
            for kind in m.lost:
                counts[*place, kind] -= 1
    bump(
        [
            Bump(journey_id=journey, version_id=version, node_id=node, channel=channel, metric=metric, count=count)
            for (journey, version, node, channel, metric), count in counts.items()
        ],
        now,
    )


def _consequences(about: Sequence[tuple[Sent, Receipt]], now: datetime) -> None:
    """Dead addresses and complaints are never written to again; who unsubscribes has said no."""
    blocked = {
        (channels()[message.channel].address_kind, message.address.lower()): receipt.detail or receipt.kind
        for message, receipt in about
        if message.address and (receipt.kind == "complained" or (receipt.kind == "bounced" and receipt.permanent))
    }
    suppress(blocked, now)
    left = [pair for pair in about if pair[1].kind in ("unsubscribed", "complained") and not pair[0].is_test]
    if left:
        fallback = default_topic().pk
        say(
            [
                Word(message.profile_id, message.topic_id or fallback, message.channel, False, _source(receipt))
                for message, receipt in left
            ],
            now,
        )


def default_topic() -> Topic:
    """The topic of messages that name none, made on first use."""
    topic: Topic = Topic.objects.get_or_create(slug=DEFAULT_TOPIC, defaults={"name": "News and offers"})[0]
    return topic


def _source(receipt: Receipt) -> str:
    return receipt.detail or ("complaint" if receipt.kind == "complained" else "provider")


def _event(message: Sent, receipt: Receipt) -> TrackRow:
    properties: dict[str, Any] = {
        "channel": message.channel,
        "message": message.id,
        "journey": message.journey_id,
        "journey_name": message.journey_name,
        "node": message.node_key,
        "template": message.template_id,
        "template_name": message.template_name,
    }
    if receipt.machine:
        properties["machine"] = receipt.machine
    if receipt.kind == "clicked":
        properties["url"] = receipt.detail
    elif receipt.kind in ("bounced", "complained") and receipt.detail:
        properties["reason"] = receipt.detail
    once = f"{message.id}:{receipt.kind}:{receipt.detail}:{receipt.at.isoformat(timespec='seconds')}"
    return TrackRow(
        profile_id=message.profile_id,
        name=EVENTS[receipt.kind],
        properties=properties,
        occurred_at=receipt.at,
        message_id=uuid5(SPACE, once),
        kind="message",
    )
