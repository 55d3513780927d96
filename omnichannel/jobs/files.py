"""Files in PostgreSQL: written piece by piece within the transaction of the work, read like any file."""

import io
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from django.db import connection, transaction

from omnichannel.jobs.models import Job, StoredFile
from omnichannel.shared import sql

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SQL: Final = sql.load(Path(__file__).parent / "sql" / "files.sql")
READ: Final = 256 * 1024
PIECE: Final = 1024 * 1024
KEPT: Final = timedelta(days=7)


def create(name: str, content_type: str, now: datetime, *, job: Job | None = None, hidden: bool = False) -> StoredFile:
    """An empty file, kept for a week; one that came of a job for a week after its end. `hidden` ones serve the job
    itself, are offered to nobody and go with its end.
    """
    return StoredFile.objects.create(
        name=name[:255], content_type=content_type, job=job, hidden=hidden, created_at=now, expires_at=now + KEPT
    )


def append(file: StoredFile, data: bytes) -> None:
    """Put bytes at its end."""
    with transaction.atomic(), connection.cursor() as cursor:
        for at in range(0, len(data), PIECE):
            piece = data[at : at + PIECE]
            cursor.execute(SQL["append"], {"file": file.pk, "data": piece, "length": len(piece)})
    file.size += len(data)


def open(file: StoredFile) -> BinaryIO:
    """The file, to read and seek in."""
    return cast(BinaryIO, io.BufferedReader(_Pieces(file.pk, file.size), READ))


def whole(file: StoredFile) -> Iterator[bytes]:
    """All of it, for a download."""
    source = open(file)
    while data := source.read(READ):
        yield data


def delete(file: StoredFile) -> None:
    """Forget it."""
    file.delete()


def clear(files: Iterable[int]) -> int:
    """Forget these files by their ids; how many there were."""
    ids = list(files)
    StoredFile.objects.filter(pk__in=ids).delete()
    return len(ids)


class _Pieces(io.RawIOBase):
    """Reads what is asked for and no more."""

    def __init__(self, pk: int, size: int) -> None:
        super().__init__()
        self._pk, self._size, self._at = pk, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, into: "WriteableBuffer") -> int:
        view = memoryview(into).cast("B")
        with connection.cursor() as cursor:
            cursor.execute(SQL["read"], {"file": self._pk, "at": self._at, "length": len(view)})
            row = cursor.fetchone()
        data = bytes(row[0]) if row else b""
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
