"""Finds the machines among opens and clicks: by the receipt itself, by its time, by what happened around it.

What gives a scanner away may come after its first clicks: those are marked then too, and no longer count as a person's.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import connection

from journeys.contracts.provider import Receipt
from journeys.contracts.step import UNMASKED
from journeys.delivery import machines
from journeys.delivery.facts import SQL
from journeys.delivery.machines import Seen
from journeys.delivery.sent import HUMAN, Sent
from profiles.ingest import amend

About = list[tuple[Sent, Receipt]]
EVENTS: Final = {"Message Opened": "opened", "Message Clicked": "clicked"}


@dataclass(frozen=True, slots=True)
class _Past:
    """An event that is stored already."""

    event_id: int
    seen: Seen
    is_marked: bool


def unmask(about: About, now: datetime) -> About:
    """The same receipts with their signs; what is known of the messages is put right."""
    about = [(message, _timed(message, receipt)) for message, receipt in about]
    for message, receipt in about:
        if receipt.kind == "probed" and (message.probed is None or receipt.at > message.probed):
            message.probed = message.firsts["probed"] = receipt.at
    past = _past(about)
    around: dict[int, list[Seen]] = defaultdict(list)
    for message, receipt in about:
        if receipt.kind in HUMAN:
            around[message.id].append(_seen(receipt))
    for ident, found in past.items():
        around[ident] += [one.seen for one in found]
    _expose({message.id: message for message, _ in about}, past, around, now)
    return [(message, _signed(message, receipt, around[message.id])) for message, receipt in about]


def _timed(message: Sent, receipt: Receipt) -> Receipt:
    if receipt.kind not in HUMAN or receipt.machine:
        return receipt
    return replace(receipt, machine=machines.by_time(receipt.at, message.sent, message.is_leaving))


def _signed(message: Sent, receipt: Receipt, around: Sequence[Seen]) -> Receipt:
    if receipt.kind not in HUMAN or receipt.machine:
        return receipt
    return replace(receipt, machine=machines.by_company(_seen(receipt), around, _traps(message)))


def _seen(receipt: Receipt) -> Seen:
    return Seen(receipt.at, receipt.detail if receipt.kind == "clicked" else "")


def _traps(message: Sent) -> list[datetime]:
    return [message.probed] if message.probed else []


def _past(about: About) -> Mapping[int, list[_Past]]:
    """What happened lately to messages that were clicked or probed now. Nobody else's past can change."""
    since: dict[int, datetime] = {}
    owners: dict[int, int] = {}
    for message, receipt in about:
        if receipt.kind in ("clicked", "probed") and not message.is_test:
            start = receipt.at - UNMASKED
            since[message.id] = min(start, since.get(message.id, start))
            owners[message.id] = message.profile_id
    found: dict[int, list[_Past]] = defaultdict(list)
    if since:
        bound: dict[str, Any] = {
            "messages": list(since),
            "profiles": [owners[one] for one in since],
            "since": list(since.values()),
        }
        with connection.cursor() as cursor:
            cursor.execute(SQL["lately"], bound)
            for ident, event_id, at, url, is_marked in cursor.fetchall():
                found[ident].append(_Past(event_id, Seen(at, url), is_marked))
    return found


def _expose(
    messages: Mapping[int, Sent], past: Mapping[int, list[_Past]], around: Mapping[int, Sequence[Seen]], now: datetime
) -> None:
    """Mark what was taken for a person's, and see what remains."""
    signs: dict[int, dict[str, str]] = {}
    touched: list[Sent] = []
    for ident, events in past.items():
        message = messages[ident]
        for one in events:
            sign = "" if one.is_marked else machines.by_company(one.seen, around[ident], _traps(message))
            if sign:
                signs[one.event_id] = {"machine": sign}
                touched.append(message)
    if signs:
        amend(signs, now)
        _see_again(touched)


def _see_again(touched: Iterable[Sent]) -> None:
    messages = {message.id: message for message in touched}
    bound: dict[str, Any] = {"messages": list(messages), "profiles": [one.profile_id for one in messages.values()]}
    remains: dict[tuple[int, str], datetime] = {}
    with connection.cursor() as cursor:
        cursor.execute(SQL["by_people"], bound)
        for ident, name, at in cursor.fetchall():
            remains[ident, EVENTS[name]] = at
    for message in messages.values():
        for kind in HUMAN:
            message.correct(kind, remains.get((message.id, kind)))
