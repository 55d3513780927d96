"""A process for the crash tests: handles changes, moves people and calls webhooks until nothing is left.

The moment is given, so that being slow or killed changes no decision.
"""

from datetime import datetime

from journeys.asking import calls, lanes
from journeys.engine import inbox, runner


def main(now: datetime) -> None:
    """All three, until none has anything to do."""
    lanes.PATIENCE = lanes.TIRING = 600.0
    while inbox.take(1000, now) or runner.advance(now, 1000) or calls.call_due(now):
        pass
