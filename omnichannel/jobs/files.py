"""Files in PostgreSQL: written piece by piece, read from any place."""

import io
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, cast

from django.db import connection, transaction

from omnichannel.jobs.models import Job, StoredFile
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent / "sql" / "files.sql")
READ: Final = 256 * 1024


def create(name: str, content_type: str, now: datetime, *, job: Job | None = None) -> StoredFile:
    """An empty file; as a result of a job it is downloaded from there."""
    return StoredFile.objects.create(name=name[:255], content_type=content_type, job=job, created_at=now)


def append(file: StoredFile, data: bytes) -> None:
    """Put bytes at its end."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL["append"], {"file": file.pk, "data": data, "length": len(data)})
    file.size += len(data)


def open(file: StoredFile) -> BinaryIO:
    """The file, to read and seek in."""
    return cast(BinaryIO, io.BufferedReader(_Pieces(file.pk, file.size), READ))


def delete(file: StoredFile) -> None:
    """Forget it."""
    file.delete()


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

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with connection.cursor() as cursor:
            cursor.execute(SQL["read"], {"file": self._pk, "at": self._at, "length": len(buffer)})
            row = cursor.fetchone()
        data = bytes(row[0]) if row else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
