"""Celery carries "there is work for X"; the work is claimed from the database. Every task may run twice or be lost."""

from datetime import datetime
from typing import Final

from celery import shared_task

from journeys.asking import calls
from journeys.delivery import outbox
from journeys.demo.simulate import turn
from journeys.engine import brakes, clocks, gates, recovery, runner
from journeys.engine import inbox as changes
from journeys.services.compact import compact_tallies
from omnichannel.shared import clock, rounds
from omnichannel.shared.rounds import Kind


def _inbox(now: datetime) -> int:
    return changes.take(changes.BATCH, now)


# Being brought in, sent and called goes on until nothing is left; of changes and moves, what is few may gather.
KINDS: Final = {
    "inbox": (_inbox, changes.BATCH),
    "enter": (clocks.follow, 1),
    "advance": (runner.advance, runner.BATCH),
    "send": (outbox.send_due, 1),
    "call": (calls.call_due, 1),
}
for queue, (batch, full) in KINDS.items():
    rounds.register(Kind(f"journeys.tasks.{queue}", queue, batch, full))


@shared_task(name="journeys.tasks.inbox")
def inbox() -> None:
    """Handle changes of profiles."""
    rounds.serve("journeys.tasks.inbox")


@shared_task(name="journeys.tasks.enter")
def enter() -> None:
    """Bring people in whom the clock calls."""
    rounds.serve("journeys.tasks.enter")


@shared_task(name="journeys.tasks.advance")
def advance() -> None:
    """Move people who are due."""
    rounds.serve("journeys.tasks.advance")


@shared_task(name="journeys.tasks.send")
def send() -> None:
    """Hand messages to their providers."""
    rounds.serve("journeys.tasks.send")


@shared_task(name="journeys.tasks.call")
def call() -> None:
    """Call webhooks."""
    rounds.serve("journeys.tasks.call")


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
