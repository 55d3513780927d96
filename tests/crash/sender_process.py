"""A process for tests that kill it, or measure it by `python -m tests.crash.sender_process MOMENT`: sends what is due
until nothing is left.
"""

import sys
from datetime import datetime

import django


def main(now: datetime) -> None:
    """One batch after the other."""
    from journeys.delivery.outbox import send_due

    while send_due(now):
        pass


if __name__ == "__main__":
    django.setup()
    main(datetime.fromisoformat(sys.argv[1]))
