"""Wake-ups: "there is work of this kind". They carry no work, many melt into one, and a lost one harms nobody.

A wake-up is a note in Valkey. Only where nobody is on duty who would read it (see `rounds`), a task is sent as well.
"""

import logging
from typing import Final

import redis
from celery import current_app

from omnichannel.shared import broker

log = logging.getLogger(__name__)

# A task that was sent and has not started yet answers for all wake-ups that follow, this long at most.
MELT_MS: Final = 3_000


def wake(task: str, queue: str) -> None:
    """Say that there is work. Never raises: the sweep finds what a lost wake-up left."""
    try:
        with broker.client().pipeline(transaction=False) as asked:
            asked.set(noted(task), 1, px=MELT_MS)
            asked.exists(on_duty(task), called(task))  # not whether a note was there: who was to read it may be dead
            comes = asked.execute()[1]
        if not comes:
            call(task, queue)
    except Exception:
        log.warning("waking %s failed, the sweep will find its work", task, exc_info=True)


def call(task: str, queue: str) -> None:
    """Send the task, unless it is on its way already."""
    if broker.client().set(called(task), 1, nx=True, px=MELT_MS):
        current_app.send_task(task, queue=queue, ignore_result=True)


def started(task: str) -> None:
    """The task has begun to look for work: whatever is added from here on needs a new wake-up."""
    try:
        broker.client().delete(noted(task), called(task))
    except redis.RedisError:
        log.warning("the broker does not answer", exc_info=True)


def noted(task: str) -> str:
    """The key that says that there is work."""
    return f"wake:{task}"


def called(task: str) -> str:
    """The key that says that the task was sent and has not begun."""
    return f"called:{task}"


def on_duty(task: str) -> str:
    """The key that says that somebody looks for notes of this work."""
    return f"duty:{task}"


def resting(task: str) -> str:
    """The key that says that somebody is at it, lets it gather for the next batch, or has more than one batch holds."""
    return f"resting:{task}"
