"""A worker process for the crash tests: `python -m tests.crash.call_worker MOMENT` works until nothing is left.

FAILPOINT kills it on the way. The moment is given, so that being slow or killed changes no decision.
"""

import sys
from datetime import datetime

import django


def main(moment: str) -> None:
    """Handle changes, move people and call webhooks."""
    django.setup()
    from journeys.asking import calls
    from journeys.engine import inbox, runner

    now = datetime.fromisoformat(moment)
    while inbox.take(1000, now) or runner.advance(now, 1000) or calls.call_due(now):
        pass


if __name__ == "__main__":
    main(sys.argv[1])
