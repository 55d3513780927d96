"""A worker process for the crash tests: `python -m tests.crash.engine_worker MOMENT` works until nothing is left.

FAILPOINT kills it on the way. The moment is given, so that being slow or killed changes no decision.
"""

import sys
from datetime import datetime

import django

BATCH = 7


def main(moment: str) -> None:
    """Handle changes and move people, in small batches."""
    django.setup()
    from journeys.engine import inbox, runner

    now = datetime.fromisoformat(moment)
    while inbox.take(BATCH, now) or runner.advance(now, BATCH):
        pass


if __name__ == "__main__":
    main(sys.argv[1])
