"""Find what senders left in the air when they died, and bring it to the best end that is certain.

A sender whose advisory lock is free is dead. Its notes tell, message by message: never left → waiting again;
handed over with a result → that result; in between, or no notes that can be trusted → unknown, and never sent again
unless somebody asks for it.
"""

import logging
from datetime import datetime

from django.db import connection

from journeys.contracts.channel import Rendered
from journeys.delivery.facts import SQL, Claimed, load
from journeys.delivery.flight import Flight
from journeys.delivery.render import Renderer
from journeys.delivery.settle import Fate, Postponed, Settled, settle
from journeys.models import ProviderAccount
from journeys.registry import channels, providers

log = logging.getLogger(__name__)


def recover(now: datetime) -> int:
    """Returns how many messages were brought to an end. Called by the sweep; any number may run at once."""
    with connection.cursor() as cursor:
        cursor.execute(SQL["senders"])
        senders = [row[0] for row in cursor.fetchall()]
        done = 0
        for sender in senders:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [sender])
            if not cursor.fetchone()[0]:
                continue
            try:
                done += _take_over(sender, now)
            except Exception:
                # What cannot be recovered yet must not keep the sweep from everything else.
                log.exception("what sender %s left cannot be recovered", sender)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [sender])
    return done


def _take_over(sender: int, now: datetime) -> int:
    """A sender holds one batch of one account. The copy of what was sent is made again; the fence stays."""
    notes = Flight(sender).fence()
    with connection.cursor() as cursor:
        cursor.execute(SQL["claimed"], {"sender": sender})
        rows = cursor.fetchall()
    if not rows:
        return 0
    messages = [Claimed(*row[:-1]) for row in rows]
    account = ProviderAccount.objects.filter(pk=rows[0][-1]).first()
    channel = channels()[messages[0].channel]
    if account is not None and providers()[account.kind].idempotent:
        fates: dict[int, Fate] = {message.id: Postponed() for message in messages}
    else:
        fates = {message.id: notes.result(message.id) or Postponed() for message in messages}
    facts = load(messages, channel)
    renderer = Renderer(channel, facts, now)
    settled = []
    for message in messages:
        fate = fates[message.id]
        address = facts.addresses.get(message.profile_id, ("", ""))[1]
        copy = None if isinstance(fate, Postponed) else _copy(renderer, message)
        settled.append(Settled(message, fate, message.profile_id, address, copy))
    return settle(sender, settled, now)


def _copy(renderer: Renderer, message: Claimed) -> Rendered | None:
    """None where people or templates have changed so much that it cannot be made again."""
    try:
        return renderer.render(message)
    except Exception as error:
        log.warning("no copy of message %s can be made again: %r", message.id, error)
        return None
