"""Wake-ups: "there is work in this queue". They carry no work, many melt into one, and a lost one harms nobody."""

import logging
from typing import Final, Literal

import redis
from celery import current_app
from django.db import transaction

from omnichannel.shared import broker

log = logging.getLogger(__name__)

Queue = Literal["inbox", "advance", "send"]
# A wake-up that was asked for and has not started yet answers for all that follow, this long at most.
MELT_MS: Final = 3_000


def wake(queue: Queue) -> None:
    """Say that there is work. Never raises: the sweep finds what a lost wake-up left."""
    try:
        if broker.client().set(f"wake:{queue}", 1, nx=True, px=MELT_MS):
            current_app.send_task(f"journeys.tasks.{queue}", queue=queue, ignore_result=True)
    except Exception:
        log.warning("waking %s failed, the sweep will find its work", queue, exc_info=True)


def wake_on_commit(queue: Queue) -> None:
    """The same, once the transaction is committed."""
    transaction.on_commit(lambda: wake(queue))


def started(queue: Queue) -> None:
    """The task has begun to look for work: whatever is added from here on needs a new wake-up."""
    try:
        broker.client().delete(f"wake:{queue}")
    except redis.RedisError:
        log.warning("the broker does not answer", exc_info=True)


def wake_inbox() -> None:
    """The hook that the profile store calls after it has recorded changes for journeys."""
    wake("inbox")
