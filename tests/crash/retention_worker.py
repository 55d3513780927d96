"""A process for the crash tests: `python -m tests.crash.retention_worker MOMENT` forgets what is old.

FAILPOINT kills it on the way.
"""

import sys
from datetime import datetime

import django

BATCH = 7


def main(moment: str) -> None:
    """Everything that is due, in small batches."""
    django.setup()
    from journeys.services import retention as of_journeys
    from profiles.services import retention

    retention.BATCH = of_journeys.BATCH = BATCH  # type: ignore[misc]
    retention.forget_due(datetime.fromisoformat(moment))


if __name__ == "__main__":
    main(sys.argv[1])
