"""An export as CSV, in UTF-8 with a mark that spreadsheets understand. No cell is taken for a formula there."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import NoneType
from typing import Any, Final

import msgspec

from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile
from profiles.bulk.columns import Column

# What a spreadsheet would compute (and could be made to fetch or run something by); a number alone is harmless.
FORMULA: Final = frozenset("=+-@\t\r\n")
NUMBER: Final = re.compile(r"[+-][0-9][0-9 .,()/-]*")


class AsCsv:
    """The format as an export uses it."""

    label, ending, content_type = "CSV", "csv", "text/csv"

    def __init__(self, _job: Job, columns: Sequence[Column]) -> None:
        self._columns = columns

    def look(self) -> bool:
        """Nothing has to be known before."""
        return True

    def begin(self, file: StoredFile, _now: datetime) -> None:
        """The titles."""
        files.append(file, "\ufeff".encode() + lines([[one.header for one in self._columns]]))

    def write(self, file: StoredFile, rows: Sequence[Sequence[Any]]) -> bool:
        """Some people; True: they are in."""
        files.append(file, lines(rows))
        return True

    def end(self, file: StoredFile) -> None:
        """Nothing closes a CSV."""


def lines(rows: Sequence[Sequence[Any]]) -> bytes:
    """As CSV."""
    held = io.StringIO(newline="")
    csv.writer(held).writerows([[PREPARED.get(type(value), _nested)(value) for value in row] for row in rows])
    return held.getvalue().encode("utf-8", "replace")


def _text(value: str) -> str:
    """What a spreadsheet would take for a formula gets a leading apostrophe."""
    return f"'{value}" if value[:1] in FORMULA and not NUMBER.fullmatch(value) else value


def _yes_no(value: bool) -> str:
    return "true" if value else "false"


def moment(value: datetime) -> str:
    """In UTC, to the second."""
    return value.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def _nested(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _as_it_is(value: Any) -> Any:
    return value


# By type, because this is asked once for each cell.
PREPARED: Final[Mapping[type, Callable[[Any], Any]]] = {
    str: _text,
    NoneType: _as_it_is,
    int: _as_it_is,
    float: _as_it_is,
    bool: _yes_no,
    datetime: moment,
}
