"""A process for the crash tests: `python -m tests.crash.build_worker MOMENT` builds what waits for it.

FAILPOINT kills it on the way.
"""

import sys
from datetime import datetime

import django

PIECE = 3  # differences written at once


def main(moment: str) -> None:
    """Build every segment."""
    django.setup()
    from profiles.segments import building
    from profiles.services import segments

    building.PIECE = PIECE
    segments.build_all(datetime.fromisoformat(moment))


if __name__ == "__main__":
    main(sys.argv[1])
