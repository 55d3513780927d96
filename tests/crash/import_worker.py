"""A process for the crash tests: works on uploads, in small batches, until none is left."""

from datetime import datetime

from omnichannel.jobs import work as jobs
from omnichannel.shared import clock
from profiles.imports import work

BATCH = 50


def main(now: datetime) -> None:
    """Chunk after chunk."""
    work.AT_ONCE = BATCH  # type: ignore[misc]
    clock.freeze(now)
    while jobs.stint():
        pass
