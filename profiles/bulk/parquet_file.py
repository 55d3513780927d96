"""An export as Parquet, made chunk by chunk by processes that may die in between.

Arrow writes a Parquet file in one go. Here each chunk is a file of its own to Arrow, written as if the chunks before
stood before it, so that all places in its footer are places in the whole; the footers are kept aside, and joined to
one at the end.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import pyarrow as pa
from pyarrow import parquet

from profiles.bulk.columns import Column

MAGIC: Final = b"PAR1"
MOMENT: Final = pa.timestamp("us", tz="UTC")
NOTHING: Final = pa.py_buffer(bytes(1 << 20))
TYPES: Final = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}


class MisfitError(Exception):
    """A value came that is not of the type its column had when it was looked at."""


def schema(columns: Sequence[Column], types: Sequence[str]) -> pa.Schema:
    """`types` by column: "integer", "number", "boolean"; everything else is text."""
    fixed = {"id": pa.int64(), "first_seen": MOMENT, "last_seen": MOMENT, "segment": MOMENT, "list": MOMENT}
    return pa.schema(
        (column.header, fixed.get(column.group) or TYPES.get(kind, pa.string()))
        for column, kind in zip(columns, types, strict=True)
    )


def joined_type(types: Iterable[str]) -> str:
    """One type for values of several."""
    found = set(types) - {"null"}
    if found <= {"integer", "number"} and found:
        return "number" if "number" in found else "integer"
    return found.pop() if len(found) == 1 and found <= {"boolean"} else "text"


def chunk(rows: Sequence[Sequence[Any]], form: pa.Schema, before: int) -> tuple[bytes, bytes]:
    """The bytes that follow `before` bytes of the file, and the footer of these rows. MisfitError."""
    table = pa.table([_column(values, field) for values, field in zip(_turned(rows, form), form, strict=True)], form)
    held = _Behind(before)
    sink = pa.PythonFile(held, mode="w")
    footers: list[parquet.FileMetaData] = []
    writer = parquet.ParquetWriter(sink, form, compression="zstd", metadata_collector=footers)
    _skip(sink, before - len(MAGIC))
    writer.write_table(table, row_group_size=max(len(rows), 1))
    writer.close()
    return bytes(held.body(_without_footer(held.written))), _footer(footers[0])


def end(footers: Iterable[bytes]) -> bytes:
    """What closes the file."""
    whole: parquet.FileMetaData | None = None
    for one in footers:
        read = parquet.read_metadata(io.BytesIO(one))
        if whole is None:
            whole = read
        else:
            whole.append_row_groups(read)
    return _footer(whole)[len(MAGIC) :]


def _turned(rows: Sequence[Sequence[Any]], form: pa.Schema) -> Iterable[Sequence[Any]]:
    return list(zip(*rows, strict=True)) or [()] * len(form)


def _column(values: Sequence[Any], field: pa.Field) -> pa.Array:
    if field.type == pa.string():
        values = [
            value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()
            for value in values
        ]
    try:
        return pa.array(values, field.type)
    except (ValueError, TypeError, OverflowError) as error:
        raise MisfitError(field.name) from error


def _skip(sink: pa.PythonFile, size: int) -> None:
    """Let Arrow believe that so many bytes were written: it counts what it wrote."""
    while size > 0:
        part = NOTHING if size >= NOTHING.size else NOTHING.slice(0, size)
        sink.write(part)
        size -= part.size


def _footer(footer: parquet.FileMetaData) -> bytes:
    """A file that is nothing but this footer."""
    held = io.BytesIO()
    footer.write_metadata_file(held)
    return held.getvalue()


def _without_footer(data: bytearray) -> int:
    """How long the data is without the footer behind it, whose length stands before the last four bytes."""
    return len(data) - 8 - int.from_bytes(data[-8:-4], "little")


class _Behind(io.RawIOBase):
    """Keeps what is written behind the first `skipped` bytes."""

    def __init__(self, skipped: int) -> None:
        super().__init__()
        self._skipped, self.written = skipped, bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        size = len(data)
        kept = memoryview(data)[min(self._skipped, size) :]
        self._skipped -= size - len(kept)
        self.written += kept
        return size

    def body(self, size: int) -> memoryview:
        return memoryview(self.written)[:size]
