"""Rows as COPY reads them, in PostgreSQL's text format."""

from typing import Any, Final

import msgspec

NULL: Final = b"\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

_encode = msgspec.json.Encoder().encode


def text(value: str) -> str:
    """A text as one field."""
    return value.translate(_ESCAPES)


def json(value: Any) -> bytes:
    """A JSON document as one field. It writes tabs and line ends as escapes; every backslash is doubled."""
    return _encode(value).replace(b"\\", b"\\\\")
