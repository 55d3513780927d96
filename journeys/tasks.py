"""Celery carries "there is work for X"; the work is claimed from the database. Every task may run twice or be lost."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from celery import shared_task

from journeys.asking import calls
from journeys.delivery import outbox
from journeys.demo.simulate import turn
from journeys.engine import brakes, clocks, gates, recovery, runner
from journeys.engine import inbox as changes
from journeys.services.compact import compact_tallies
from journeys.wakeup import Queue, started, wake
from omnichannel.shared import clock

__all__ = ["advance", "enter", "inbox", "send", "tick", "wake"]

# A task that has worked this long makes room for others and asks to be called again: with two workers busy, somebody
# who signs up waits no longer than this for their first message.
TURN_SECONDS: Final = 1.0


def _work(queue: Queue, batch: Callable[[datetime], int], full: int = 1) -> None:
    """Batch after batch until one is not full or the turn is over; then it is the others' turn, and more can gather."""
    started(queue)
    end = time.monotonic() + TURN_SECONDS
    while (done := batch(clock.now())) >= full and time.monotonic() < end:
        pass
    if done:
        wake(queue)


@shared_task(name="journeys.tasks.inbox")
def inbox() -> None:
    """Handle changes of profiles."""
    _work("inbox", lambda now: changes.take(changes.BATCH, now), changes.BATCH)


@shared_task(name="journeys.tasks.enter")
def enter() -> None:
    """Bring people in whom the clock calls."""
    _work("enter", clocks.follow)


@shared_task(name="journeys.tasks.advance")
def advance() -> None:
    """Move people who are due."""
    _work("advance", runner.advance, runner.BATCH)


@shared_task(name="journeys.tasks.send")
def send() -> None:
    """Hand messages to their providers."""
    _work("send", outbox.send_due)


@shared_task(name="journeys.tasks.call")
def call() -> None:
    """Call webhooks."""
    _work("call", calls.call_due)


@shared_task(name="journeys.tasks.tick")
def tick() -> None:
    """Every second: find what is due, and what a lost wake-up left."""
    recovery.sweep(clock.now())


@shared_task(name="journeys.tasks.tidy")
def tidy() -> None:
    """Every few minutes: versions that are empty and replaced stop listening; what is of long ago goes."""
    recovery.retire(clock.now())
    changes.try_again()
    gates.forget(clock.now())
    brakes.forget(clock.now())


@shared_task(name="journeys.tasks.compact")
def compact() -> None:
    """Every hour: merge what batches appended to the tallies."""
    compact_tallies(clock.now())


@shared_task(name="journeys.tasks.simulate")
def simulate() -> None:
    """Every few seconds on the sandbox: the demo shop's customers go on living."""
    turn(clock.now())
