"""A process for the crash tests: `python -m tests.crash.build_worker MOMENT` builds what waits for it.

FAILPOINT kills it on the way.
"""

import sys
from datetime import datetime

import django


def main(moment: str) -> None:
    """Build every segment."""
    django.setup()
    from profiles.services import segments

    segments.build_all(datetime.fromisoformat(moment))


if __name__ == "__main__":
    main(sys.argv[1])
