"""Wake-ups for memberships. A task carries no arguments: what there is to do is in the database."""

import time
from typing import Final

from celery import shared_task

from omnichannel.shared import broker, clock
from profiles.segments import membership
from profiles.services import segments

AT_ONCE: Final = 1_000
STINT: Final = 5.0  # seconds a task works before it lets others run
NOTE: Final = "profiles:wake:%s"
NOTE_LASTS: Final = 5  # seconds: a wake-up that got lost hinders others no longer


@shared_task
def take() -> None:
    """Handle changes until none are left."""
    _heard("take")
    until = time.monotonic() + STINT
    while membership.take(AT_ONCE, clock.now()):
        if time.monotonic() > until:
            return wake_take()


@shared_task
def build() -> None:
    """Build the segments that wait for it."""
    _heard("build")
    segments.build_all(clock.now())


@shared_task(expires=5)
def tick() -> None:
    """Every second: follow the clock, and find what lost wake-ups left."""
    membership.tick(clock.now())
    if membership.has_changes():
        wake_take()
    if segments.waiting():
        wake_build()


def wake_take() -> None:
    """There are changes to take. Many calls become one task."""
    if _first("take"):
        take.delay()


def wake_build() -> None:
    """There are segments to build."""
    if _first("build"):
        build.delay()


def _first(what: str) -> bool:
    return bool(broker.client().set(NOTE % what, 1, nx=True, ex=NOTE_LASTS))


def _heard(what: str) -> None:
    """From now on a new wake-up is needed: whatever is committed later may not be seen by this run."""
    broker.client().delete(NOTE % what)
