"""A process for the crash tests: brings people in by the clock.

The moment is given, so that being slow or killed changes no decision.
"""

from datetime import datetime

from journeys.engine import clocks

PIECE = 7


def main(now: datetime) -> None:
    """Follow the clock in small pieces, until nothing is left."""
    while clocks.follow(now, PIECE):
        pass
