"""A process for the crash tests: handles changes and moves people until nothing is left.

The moment is given, so that being slow or killed changes no decision.
"""

from datetime import datetime

from journeys.engine import inbox, runner

BATCH = 7


def main(now: datetime) -> None:
    """In small batches."""
    while inbox.take(BATCH, now) or runner.advance(now, BATCH):
        pass
