"""Write down what became of a batch: messages, deliveries, tallies, suppressions, in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from django.db import connection, transaction
from django.utils.translation import gettext as _t

from journeys.contracts.channel import Rendered
from journeys.contracts.provider import Accepted, Receipt, Rejected, Result, TryLater, Unreachable, Unsure
from journeys.delivery import receipts
from journeys.delivery.facts import SQL, Claimed
from journeys.delivery.policy import Deferred, Skipped
from journeys.models import Delivery, Message
from journeys.tally import Bump, bump
from omnichannel.shared.bucket import bucket
from profiles.services.changes import NewChange, record

MAX_ATTEMPTS: Final = 10
FIRST_RETRY: Final = timedelta(seconds=30)
LONGEST_RETRY: Final = timedelta(hours=1)
GIVE_UP: Final = timedelta(days=3)
State = Message.State


@dataclass(frozen=True, slots=True)
class Broken:
    """The content cannot be made for this person."""

    reason: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """It was not its turn: back to where it was."""


Fate = Result | Skipped | Deferred | Broken | Postponed


@dataclass(frozen=True, slots=True)
class Settled:
    """One message and what became of it."""

    message: Claimed
    fate: Fate
    profile_id: int
    address: str = ""
    rendered: Rendered | None = None


@dataclass(slots=True)
class _Row:
    """The message's new values; `delivery` is the state of the attempt to keep, empty: there was none."""

    state: str
    reason: str = ""
    tried: int = 0
    due_at: datetime | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    delivery: str = ""
    theirs: str = ""


def settle(sender: int, batch: Sequence[Settled], now: datetime) -> int:
    """Returns how many messages were still this sender's to settle."""
    if not batch:
        return 0
    rows = {each.message.id: _row(each, now) for each in batch}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["settle"], _message_columns(sender, batch, rows))
        ours = {row[0] for row in cursor.fetchall()}
        kept = [each for each in batch if each.message.id in ours]
        if attempts := [each for each in kept if rows[each.message.id].delivery]:
            cursor.execute(SQL["add_deliveries"], _delivery_columns(attempts, rows, now))
        bump(_tallies(kept, rows), now)
        record([NewChange(each.profile_id, "message", "sent") for each in kept if rows[each.message.id].sent_at], now)
        receipts.record([_bounce(each, now) for each in kept if _is_dead(each.fate)], now)
    return len(kept)


def _is_dead(fate: Fate) -> bool:
    return isinstance(fate, Rejected) and fate.suppress


def _bounce(each: Settled, now: datetime) -> Receipt:
    reason = each.fate.reason if isinstance(each.fate, Rejected) else ""
    return Receipt("bounced", now, message_id=each.message.id, detail=reason, permanent=True)


def _row(each: Settled, now: datetime) -> _Row:
    match each.fate:
        case Accepted(theirs, delivered):
            arrived = now if delivered else None
            return _Row(State.SENT, "", 1, None, now, arrived, Delivery.State.ACCEPTED, theirs)
        case Rejected(reason):
            return _Row(State.FAILED, reason, 1, delivery=Delivery.State.REJECTED)
        case Unsure(reason):
            return _Row(State.UNKNOWN, reason, 1, delivery=Delivery.State.UNSURE)
        case TryLater(reason, after):
            return _retry(each.message, reason, after, now)
        case Unreachable(reason):
            if now - each.message.created_at > GIVE_UP:
                return _Row(State.FAILED, reason)
            return _Row(State.PENDING, reason, due_at=now + FIRST_RETRY)
        case Skipped(reason):
            return _Row(State.SKIPPED, reason)
        case Deferred(until):
            return _Row(State.PENDING, due_at=until)
        case Broken(reason):
            return _Row(State.FAILED, reason)
        case Postponed():
            return _Row(State.PENDING)


def _retry(message: Claimed, reason: str, after: timedelta | None, now: datetime) -> _Row:
    """Twice as long each time, up to an hour, spread so that not everybody comes back at once."""
    if message.attempts + 1 >= MAX_ATTEMPTS:
        text = _t("Tried %(n)s times. The last answer: %(why)s") % {"n": MAX_ATTEMPTS, "why": reason}
        return _Row(State.FAILED, text, 1, delivery=Delivery.State.RETRY)
    pause = min(FIRST_RETRY * 2**message.attempts, LONGEST_RETRY)
    spread = 0.8 + 0.4 * bucket(f"retry:{message.attempts}", message.id) / 10_000
    due = now + max(pause * spread, after or timedelta(0))
    return _Row(State.PENDING, reason, 1, due_at=due, delivery=Delivery.State.RETRY)


def _message_columns(sender: int, batch: Sequence[Settled], rows: dict[int, _Row]) -> dict[str, Any]:
    values = [rows[each.message.id] for each in batch]
    return {
        "sender": sender,
        "ids": [each.message.id for each in batch],
        "states": [str(row.state) for row in values],
        "reasons": [_clean(row.reason) for row in values],
        "addresses": [each.address for each in batch],
        "profiles": [each.profile_id for each in batch],
        "tried": [row.tried for row in values],
        "due": [row.due_at for row in values],
        "sent": [row.sent_at for row in values],
        "delivered": [row.delivered_at for row in values],
    }


def _delivery_columns(batch: Sequence[Settled], rows: dict[int, _Row], now: datetime) -> dict[str, Any]:
    values = [rows[each.message.id] for each in batch]
    copies = msgspec.json.encode([each.rendered.parts if each.rendered else None for each in batch]).decode()
    return {
        "ids": [each.message.id for each in batch],
        "states": [str(row.delivery) for row in values],
        "theirs": [_clean(row.theirs) for row in values],
        "errors": [_clean(row.reason) for row in values],
        "rendered": copies,
        "now": now,
    }


def _clean(text: str) -> str:
    """As the database can keep it, whatever a provider says."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def _tallies(batch: Sequence[Settled], rows: dict[int, _Row]) -> list[Bump]:
    counts: Counter[tuple[int, int, int, str, str]] = Counter()
    for each in batch:
        message, row = each.message, rows[each.message.id]
        if message.journey_id and message.version_id and message.node_id:
            for metric in _metrics(row):
                counts[message.journey_id, message.version_id, message.node_id, message.channel, metric] += 1
    return [
        Bump(journey_id=journey, version_id=version, node_id=node, channel=channel, metric=metric, count=count)
        for (journey, version, node, channel, metric), count in counts.items()
    ]


def _metrics(row: _Row) -> list[str]:
    match row.state:
        case State.SENT:
            return ["sent", "delivered"] if row.delivered_at else ["sent"]
        case State.FAILED:
            return ["failed_send"]
        case State.SKIPPED:
            return [f"skipped:{row.reason}"]
    return []
