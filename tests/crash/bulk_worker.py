"""A worker process for the crash tests: `python -m tests.crash.bulk_worker MOMENT` works on jobs until none is left.

FAILPOINT kills it on the way.
"""

import sys
from datetime import datetime

import django

BATCH = 50


def main(moment: str) -> None:
    """Chunk after chunk, in small batches."""
    django.setup()
    from omnichannel.jobs import work as jobs
    from omnichannel.shared import clock
    from profiles.bulk import as_parquet, change, export

    export.AT_ONCE = as_parquet.LOOKED_AT_ONCE = change.AT_ONCE = BATCH  # type: ignore[misc]
    clock.freeze(datetime.fromisoformat(moment))
    while jobs.stint():
        pass


if __name__ == "__main__":
    main(sys.argv[1])
