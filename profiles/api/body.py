"""The body of an ingest request, read within bounds: a small body may not unpack into a large one."""

import zlib
from typing import Final

from django.http import HttpRequest

from profiles.ingest.decode import MAX_BODY

GZIP: Final = 31  # zlib's window bits for a gzip frame


class BodyError(ValueError):
    """A body that is not read; `status` is the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def read(request: HttpRequest) -> bytes:
    """The body, unpacked. BodyError: too large, packed in a way we do not know, or damaged."""
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip"):
        raise BodyError(415, f"Content-Encoding {encoding[:40]!r} is not understood: use gzip or none")
    body = request.read(MAX_BODY + 1)
    if len(body) <= MAX_BODY and encoding == "gzip":
        body = _unpack(body)
    if len(body) > MAX_BODY:
        raise BodyError(413, f"The request is larger than {MAX_BODY} bytes: send smaller batches")
    if not body.strip():
        raise BodyError(400, "The request has no body")
    return body


def _unpack(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(GZIP)
    try:
        text = unpacker.decompress(body, MAX_BODY + 1)
    except zlib.error as error:
        raise BodyError(400, f"The body is not valid gzip: {error}") from error
    if len(text) <= MAX_BODY and not unpacker.eof:
        raise BodyError(400, "The body is not valid gzip: its end is missing")
    return text
