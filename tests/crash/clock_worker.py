"""A worker process for the crash tests: `python -m tests.crash.clock_worker MOMENT` brings people in by the clock.

FAILPOINT kills it on the way. The moment is given, so that being slow or killed changes no decision.
"""

import sys
from datetime import datetime

import django

PIECE = 7


def main(moment: str) -> None:
    """Follow the clock in small pieces, until nothing is left."""
    django.setup()
    from journeys.engine import clocks

    now = datetime.fromisoformat(moment)
    while clocks.follow(now, PIECE):
        pass


if __name__ == "__main__":
    main(sys.argv[1])
