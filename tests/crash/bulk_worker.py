"""A process for the crash tests: works on jobs, in small batches, until none is left."""

from datetime import datetime

from omnichannel.jobs import work as jobs
from omnichannel.shared import clock
from profiles.bulk import as_parquet, change, export

BATCH = 50


def main(now: datetime) -> None:
    """Chunk after chunk."""
    export.AT_ONCE = as_parquet.LOOKED_AT_ONCE = change.AT_ONCE = BATCH  # type: ignore[misc]
    clock.freeze(now)
    while jobs.stint():
        pass
