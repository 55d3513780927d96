"""Journeys that start each other must not do so for ever: how often they may within an hour, for one person.

A start carries the length of its chain: one more than that of the enrollment that caused it, while that one is not
older than `HOT`. What made somebody join a segment is not known: coming in by one counts on from the entries of the
same person into the same journey. A chain that is too long ends: nobody comes in, and the person is written down.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from journeys.engine.transition import Walk
from journeys.models import Braked

MOST: Final = 10
HOT: Final = timedelta(hours=1)
KEPT: Final = timedelta(days=7)
UNKNOWN: Final = ("entered", "exited")  # kinds of changes of which nobody knows what caused them


def onward(walk: Walk, now: datetime) -> int:
    """How long the chain is that goes on from here."""
    return walk.chain + 1 if walk.entered_at > now - HOT else 1


def told(value: Any) -> int:
    """The length of a chain as it was noted; what cannot be understood is too long."""
    if value is None:
        return 0
    return value if type(value) is int and 0 <= value <= MOST else MOST + 1


def forget(now: datetime) -> None:
    """What was long ago."""
    Braked.objects.filter(at__lt=now - KEPT).delete()
