"""The ids of the people a job is about, picked once when it begins and kept in a file of the job: eight bytes each.

So who is worked on does not move while the work itself changes who would be found, and the next people are one read.
"""

from array import array
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Final

from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile

AT_ONCE: Final = 131_072
WIDTH: Final = 8


def pick(job: Job, ids: Iterable[int], now: datetime) -> None:
    """Keep these ids for the job; its total is their number."""
    file = files.create("ids", "application/octet-stream", now, job=job, hidden=True)
    left = iter(ids)
    while some := array("q", islice(left, AT_ONCE)):
        files.append(file, some.tobytes())
    job.cursor = {**job.cursor, "ids": file.pk}
    job.total = file.size // WIDTH


def some(job: Job, start: int, most: int) -> list[int]:
    """Ids from the `start`-th on, at most so many."""
    source = files.open(StoredFile.objects.get(pk=job.cursor["ids"]))
    source.seek(start * WIDTH)
    found = array("q")
    found.frombytes(source.read(most * WIDTH))
    return found.tolist()
