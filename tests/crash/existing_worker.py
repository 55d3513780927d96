"""A worker process for the crash tests: `python -m tests.crash.existing_worker MOMENT` adds those who qualify already,
in small pieces, until nobody is left. FAILPOINT kills it on the way.
"""

import sys
from datetime import datetime

import django

PIECE = 7


def main(moment: str) -> None:
    """One job after the other."""
    django.setup()
    from journeys.services import existing
    from omnichannel.jobs import work as jobs
    from omnichannel.shared import clock

    existing.PIECE = PIECE  # type: ignore[misc]
    clock.freeze(datetime.fromisoformat(moment))
    while jobs.stint():
        pass


if __name__ == "__main__":
    main(sys.argv[1])
