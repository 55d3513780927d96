"""Wake-ups: "there is work for this task". They carry no work, many melt into one, and a lost one harms nobody."""

import logging
from typing import Final

import redis
from celery import current_app

from omnichannel.shared import broker

log = logging.getLogger(__name__)

# A wake-up that was asked for and has not started yet answers for all that follow, this long at most.
MELT_MS: Final = 3_000


def wake(task: str, queue: str) -> None:
    """Say that there is work. Never raises: the sweep finds what a lost wake-up left."""
    try:
        if broker.client().set(f"wake:{task}", 1, nx=True, px=MELT_MS):
            current_app.send_task(task, queue=queue, ignore_result=True)
    except Exception:
        log.warning("waking %s failed, the sweep will find its work", task, exc_info=True)


def started(task: str) -> None:
    """The task has begun to look for work: whatever is added from here on needs a new wake-up."""
    try:
        broker.client().delete(f"wake:{task}")
    except redis.RedisError:
        log.warning("the broker does not answer", exc_info=True)
