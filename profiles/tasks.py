"""Wake-ups for memberships. A task carries no arguments: what there is to do is in the database."""

import time
from datetime import datetime
from typing import Final

from celery import shared_task

from omnichannel.shared import clock, rounds, wakeup
from omnichannel.shared.rounds import Kind
from profiles.segments import building, checking, membership
from profiles.services import date_indexes, retention, segments

AT_ONCE: Final = 1_000
STINT: Final = 5.0  # seconds a task works before it lets others run
QUEUE: Final = "segments"


def _take(now: datetime) -> int:
    return membership.take(AT_ONCE, now)


rounds.register(Kind("profiles.tasks.take", QUEUE, _take, full=AT_ONCE))


@shared_task(name="profiles.tasks.take")
def take() -> None:
    """Handle changes."""
    rounds.serve("profiles.tasks.take")


@shared_task(name="profiles.tasks.build")
def build() -> None:
    """Build the segments that wait for it, and clear away deleted ones."""
    wakeup.started("profiles.tasks.build")
    with building.alone() as mine:
        if mine:
            date_indexes.keep(clock.now())
            segments.build_all(clock.now())
            segments.clear_deleted()


@shared_task(expires=5)
def tick() -> None:
    """Every second: follow the clock, and find what lost wake-ups left."""
    membership.tick(clock.now())
    if membership.has_changes():
        wake_take()
    if segments.waiting():
        wake_build()


@shared_task(expires=60)
def check() -> None:
    """Every few minutes: compare the memberships whose night it is with a full evaluation."""
    with building.alone() as mine:
        if mine:
            checking.check_due(clock.now())


@shared_task(name="profiles.tasks.forget", expires=300)
def forget() -> None:
    """Every ten minutes: let go what is older than it is to be kept."""
    wakeup.started("profiles.tasks.forget")
    until = time.monotonic() + STINT
    retention.forget_due(clock.now(), lambda: time.monotonic() < until)
    if time.monotonic() > until:
        wakeup.wake("profiles.tasks.forget", QUEUE)


def wake_take() -> None:
    """There are changes to take. Many calls become one task."""
    wakeup.wake("profiles.tasks.take", QUEUE)


def wake_build() -> None:
    """There are segments to build."""
    wakeup.wake("profiles.tasks.build", QUEUE)
