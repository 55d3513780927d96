"""An export as CSV, in UTF-8 with a mark that spreadsheets understand. No cell is taken for a formula there."""

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile
from profiles.bulk.columns import Column

# What a spreadsheet would compute (and could be made to fetch or run something by); a number alone is harmless.
FORMULA: Final = re.compile(r"[=+\-@\t\r\n]")
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
    csv.writer(held).writerows([[cell(value) for value in row] for row in rows])
    return held.getvalue().encode("utf-8", "replace")


def cell(value: Any) -> str | int:
    """One value. A text that a spreadsheet would take for a formula gets a leading apostrophe."""
    match value:
        case str():
            return f"'{value}" if FORMULA.match(value) and not NUMBER.fullmatch(value) else value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return value
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return msgspec.json.encode(value).decode()
