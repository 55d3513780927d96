"""A file on its way in: piece by piece from the request into the database, so that its size costs no memory."""

from datetime import datetime
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext as _

from omnichannel.jobs import files
from omnichannel.jobs.models import StoredFile

MOST: Final = 1024**3  # bytes of a file
PIECE: Final = 1024 * 1024
NEWLINE: Final = b"\n"


class Received(UploadedFile):
    """What was uploaded: `stored` is the file, `lines` how many ends of lines it has; `refused` why it is not kept."""

    stored: StoredFile | None = None
    lines = 0
    refused = ""


class IntoDatabase(FileUploadHandler):
    """The upload handler of imports."""

    chunk_size = 256 * 1024

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self._now = now
        self._got: Received | None = None
        self._waiting = bytearray()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """One file begins."""
        super().new_file(*args, **kwargs)
        self._got = Received(name=self.file_name, content_type=self.content_type, size=0)
        self._waiting.clear()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A piece of it; SkipFile when it is none that can be read."""
        got = self._got
        if got is None:
            return
        got.refused = got.refused or (refusal(raw_data) if start == 0 else "")
        got.size = start + len(raw_data)
        if got.size > MOST:
            got.refused = _(
                "This file is larger than %(n)s GB. Split it and bring the parts in one after the other."
            ) % {"n": MOST // 1024**3}
        if got.refused:
            self._drop()
            return
        got.lines += raw_data.count(NEWLINE)
        self._waiting += raw_data
        if len(self._waiting) >= PIECE:
            self._flush()

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """All of it is here."""
        got = self._got
        if got is None or not self.file_name:
            raise SkipFile
        if not got.refused and not file_size:
            got.refused = _("This file is empty.")
        if not got.refused:
            self._flush()
        self._got = None
        return got

    def upload_interrupted(self) -> None:
        """The browser went away: nothing is kept."""
        self._drop()

    def _flush(self) -> None:
        got = self._got
        if got is None or not self._waiting:
            return
        got.stored = got.stored or files.create(got.name or "", "application/octet-stream", self._now)
        files.append(got.stored, bytes(self._waiting))
        self._waiting.clear()

    def _drop(self) -> None:
        self._waiting.clear()
        if self._got and self._got.stored:
            files.delete(self._got.stored)
            self._got.stored = None


def refusal(start: bytes) -> str:
    """Why a file that begins like this cannot be read; empty when it can."""
    if start.startswith(b"PK\x03\x04"):
        return _("This is a workbook or an archive. Save the sheet as CSV, and bring that in.")
    if start.startswith((b"\x1f\x8b", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff")):
        return _("This is not a file of text. CSV and JSON can be read.")
    return ""
