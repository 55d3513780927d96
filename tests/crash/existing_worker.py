"""A process for the crash tests: adds those who qualify already, in small pieces, until nobody is left."""

from datetime import datetime

from journeys.services import existing
from omnichannel.jobs import work as jobs
from omnichannel.shared import clock

PIECE = 7


def main(now: datetime) -> None:
    """One job after the other."""
    existing.PIECE = PIECE  # type: ignore[misc]
    clock.freeze(now)
    while jobs.stint():
        pass
