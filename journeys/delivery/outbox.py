"""Send what is due: claim a batch, decide and render it, hand it over, write down what became of it.

Exactly once, as far as that can be had: a message is `sending` in the database before it leaves and noted in Valkey
when it leaves (see `flight`), and the sender holds an advisory lock for as long as it lives (see `recover`).
"""

import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import redis
from django.db import connection, transaction

from journeys.contracts.channel import ContentError, Rendered
from journeys.contracts.provider import Result, Unreachable
from journeys.delivery import rate
from journeys.delivery.accounts import Carrier, defaults, trouble
from journeys.delivery.facts import SQL, Claimed, load
from journeys.delivery.flight import FencedError, Flight
from journeys.delivery.policy import Allowed, decide
from journeys.delivery.render import Renderer
from journeys.delivery.settle import Broken, Fate, Postponed, Settled, settle
from omnichannel.shared.failpoints import hit

log = logging.getLogger(__name__)

BATCH: Final = 500
BUDGET: Final = 8.0  # seconds of handing over, after which the rest of a batch goes back
REST: Final = 15  # seconds to leave a provider alone that does not answer


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, ready to leave."""

    message: Claimed
    profile_id: int
    address: str
    rendered: Rendered


def send_due(now: datetime) -> int:
    """One batch per channel. Returns how many messages were dealt with; 0: nothing is due, or nothing may leave now."""
    done = 0
    for carrier in defaults(now):
        if rate.resting(carrier.account.pk):
            continue
        try:
            done += send_batch(carrier, now)
        except Exception:
            # One channel's fault must not hold up the others; what it had claimed is found by `recover`.
            log.exception("account %s could not send", carrier.account.pk)
            rate.rest(carrier.account.pk, REST)
    return done


@contextmanager
def sender() -> Iterator[int]:
    """A number that is locked for as long as this process lives and sends; `recover` tries that lock."""
    ident = secrets.randbits(62)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ident])
        try:
            yield ident
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ident])


def send_batch(carrier: Carrier, now: datetime) -> int:
    """Claim, decide, render, hand over and settle one batch of one account."""
    account = carrier.account
    granted = rate.take(account.pk, account.per_second, BATCH)
    if not granted:
        return 0
    with sender() as ident:
        flight = None if carrier.provider.idempotent else Flight(ident)
        if flight:
            flight.open()
        messages = claim(ident, carrier, granted, now)
        if messages:
            _deal(ident, flight, carrier, messages, now)
        if flight:
            flight.close()
    rate.give_back(account.pk, account.per_second, granted - len(messages))
    return len(messages)


def claim(ident: int, carrier: Carrier, limit: int, now: datetime) -> list[Claimed]:
    """Committed before anything leaves."""
    bound: dict[str, Any] = {"sender": ident, "account": carrier.account.pk, "channel": carrier.channel.kind}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["claim"], {**bound, "limit": limit, "now": now})
        return sorted([Claimed(*row) for row in cursor.fetchall()], key=lambda one: one.id)


def _deal(ident: int, flight: Flight | None, carrier: Carrier, messages: Sequence[Claimed], now: datetime) -> None:
    outgoing, settled = prepare(carrier, messages, now)
    hit("delivery.claimed")
    results = hand_over(carrier, flight, outgoing)
    down = next((fate.reason for fate in results.values() if isinstance(fate, Unreachable)), "")
    if down:
        rate.rest(carrier.account.pk, REST)
    if results:
        trouble(carrier.account, down, now)
    for each in outgoing:
        fate = results.get(each.message.id)
        if fate is not None:
            settled.append(Settled(each.message, fate, each.profile_id, each.address, each.rendered))
    hit("delivery.before_write_back")
    settle(ident, settled, now)


def prepare(carrier: Carrier, messages: Sequence[Claimed], now: datetime) -> tuple[list[Outgoing], list[Settled]]:
    """Which messages may leave, rendered; and what is settled already."""
    facts = load(messages, carrier.channel)
    renderer = Renderer(carrier.channel, facts, now)
    outgoing: list[Outgoing] = []
    settled: list[Settled] = []
    for message in messages:
        decision = decide(facts.candidate(message))
        person = facts.people.get(message.profile_id, (message.profile_id, {}))[0]
        if not isinstance(decision, Allowed):
            settled.append(Settled(message, decision, person))
            continue
        rendered = _rendered(renderer, message)
        if isinstance(rendered, Broken):
            settled.append(Settled(message, rendered, person, decision.address))
        else:
            outgoing.append(Outgoing(message, person, decision.address, rendered))
    return outgoing, settled


def _rendered(renderer: Renderer, message: Claimed) -> Rendered | Broken:
    """One person's odd data stops one message, never the batch."""
    try:
        return renderer.render(message)
    except ContentError as error:
        return Broken(str(error))
    except Exception as error:
        log.exception("message %s could not be rendered", message.id)
        return Broken(f"{type(error).__name__}: {error}")


def hand_over(carrier: Carrier, flight: Flight | None, outgoing: Sequence[Outgoing]) -> dict[int, Fate]:
    """What became of each; what is missing was taken over by a recovery and is no longer ours to tell."""
    if not outgoing:
        return {}
    until = time.monotonic() + BUDGET
    lanes = min(carrier.connections, len(outgoing))
    if lanes == 1:
        return _lane(carrier, flight, outgoing, until)
    results: dict[int, Fate] = {}
    with ThreadPoolExecutor(lanes, thread_name_prefix="lane") as pool:
        for part in pool.map(lambda lane: _lane(carrier, flight, outgoing[lane::lanes], until), range(lanes)):
            results |= part
    return results


def _lane(carrier: Carrier, flight: Flight | None, outgoing: Sequence[Outgoing], until: float) -> dict[int, Fate]:
    """One connection's share, one after the other. Touches no database: it may run in a thread."""
    results: dict[int, Fate] = {each.message.id: Postponed() for each in outgoing}
    last: tuple[int, Result] | None = None
    with carrier.provider.connect(carrier.settings) as connected:
        for each in outgoing:
            if time.monotonic() > until:
                break
            try:
                if flight:
                    flight.leaving(each.message.id, last)
            except FencedError:
                return {ident: fate for ident, fate in results.items() if not isinstance(fate, Postponed)}
            except redis.RedisError:
                log.warning("no notes can be kept: the rest of the batch waits", exc_info=True)
                return results
            hit("delivery.before_hand_over")
            result = connected.send(each.rendered, each.address, idempotency_key=f"m{each.message.id}")
            hit("delivery.after_hand_over")
            results[each.message.id] = result
            last = (each.message.id, result)
            if isinstance(result, Unreachable):
                results |= {ident: result for ident, fate in results.items() if isinstance(fate, Postponed)}
                break
    if flight and last:
        flight.landed(*last)
    return results
