"""Parquet as an export uses it: looks at the types of the values first, then writes, then joins the footers."""

import struct
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile
from profiles.bulk import picked, rows
from profiles.bulk.columns import Column

if TYPE_CHECKING:
    import pyarrow as pa

LOOKED_AT_ONCE: Final = 10_000
LENGTH: Final = struct.Struct("<I")


class AsParquet:
    """What it has learned stands in the cursor of the job: `looked` people, `seen` types by place of the column."""

    label, ending, content_type = "Parquet", "parquet", "application/vnd.apache.parquet"

    def __init__(self, job: Job, columns: Sequence[Column]) -> None:
        self._job, self._columns = job, columns

    def look(self) -> bool:
        """Which types the next people have; True: everybody was looked at."""
        job, places = self._job, [place for place, one in enumerate(self._columns) if one.group == "attribute"]
        looked = job.cursor.get("looked", 0)
        if not places or looked >= (job.total or 0):
            return True
        seen = {place: set(found) for place, found in job.cursor.get("seen", {}).items()}
        paths = [self._columns[place].what for place in places]
        ids = picked.some(job, looked, LOOKED_AT_ONCE)
        for n, kind in rows.types(ids, paths):
            seen.setdefault(str(places[n]), set()).add(kind)
        seen_now = {place: sorted(found) for place, found in seen.items()}
        job.cursor = {**job.cursor, "looked": looked + len(ids), "seen": seen_now}
        return looked + len(ids) >= (job.total or 0)

    def begin(self, _file: StoredFile, now: datetime) -> None:
        """The footers of the chunks are kept aside."""
        aside = files.create("footers", "application/octet-stream", now, job=self._job, hidden=True)
        self._job.cursor = {**self._job.cursor, "footers": aside.pk}

    def write(self, file: StoredFile, people: Sequence[Sequence[Any]]) -> bool:
        """Some people. False: a value does not fit what was seen of its column, so everything begins anew, and that
        column is text.
        """
        from profiles.bulk import parquet_file  # Arrow takes 50 MB, and most processes write no Parquet

        try:
            data, footer = parquet_file.chunk(people, self._schema(), file.size)
        except parquet_file.MisfitError as misfit:
            self._anew(file, str(misfit))
            return False
        files.append(file, data)
        files.append(self._aside(), LENGTH.pack(len(footer)) + footer)
        return True

    def end(self, file: StoredFile) -> None:
        """The one footer."""
        from profiles.bulk import parquet_file

        files.append(file, parquet_file.end(self._footers()))

    def _schema(self) -> "pa.Schema":
        from profiles.bulk import parquet_file

        seen = self._job.cursor.get("seen", {})
        types = [parquet_file.joined_type(seen.get(str(place), ())) for place in range(len(self._columns))]
        return parquet_file.schema(self._columns, types)

    def _footers(self) -> Iterator[bytes]:
        source = files.open(self._aside())
        while length := source.read(LENGTH.size):
            yield source.read(LENGTH.unpack(length)[0])

    def _aside(self) -> StoredFile:
        return StoredFile.objects.get(pk=self._job.cursor["footers"])

    def _anew(self, file: StoredFile, header: str) -> None:
        job = self._job
        files.clear([file.pk, job.cursor["footers"]])
        place = next(str(n) for n, one in enumerate(self._columns) if one.header == header)
        seen = {**job.cursor["seen"], place: ["string"]}
        job.cursor = {"ids": job.cursor["ids"], "looked": job.total, "seen": seen}
        job.done = 0
