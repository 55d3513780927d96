"""How a file is written: guessed from its first bytes, kept as visible choices that a person may correct."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SAMPLE: Final = 256 * 1024
ENCODINGS: Final[dict[str, str | Promise]] = {
    "utf-8": _("Unicode (UTF-8)"),
    "utf-16-le": _("Unicode (UTF-16)"),
    "utf-16-be": _("Unicode (UTF-16, big-endian)"),
    "cp1252": _("Western European (Latin-1, Windows-1252)"),
    "cp1251": _("Cyrillic (Windows-1251)"),
}
DELIMITERS: Final[dict[str, str | Promise]] = {
    ",": _("Comma"),
    ";": _("Semicolon"),
    "\t": _("Tab"),
    "|": _("Vertical bar"),
}
DATES: Final[dict[str, str | Promise]] = {
    "dmy": _("Day first: 31.12.2026, 31/12/2026"),
    "mdy": _("Month first: 12/31/2026"),
}
DECIMALS: Final[dict[str, str | Promise]] = {".": _("Point: 1,234.50"), ",": _("Comma: 1.234,50")}

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMMA_NUMBER: Final = re.compile(r"-?\d{1,3}(\.\d{3})*,\d{1,2}|-?\d+,\d{1,2}")
_POINT_NUMBER: Final = re.compile(r"-?\d{1,3}(,\d{3})*\.\d+|-?\d+\.\d+")
_SLASHED: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.]\d{4}\b")


class Format(msgspec.Struct, frozen=True):
    """How the file is to be read."""

    kind: Literal["csv", "json", "lines"] = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    newline: str = "\n"
    header: bool = True
    decimal: str = "."
    dates: str = "dmy"

    def __post_init__(self) -> None:
        chosen = (
            (self.encoding, ENCODINGS),
            (self.delimiter, DELIMITERS),
            (self.decimal, DECIMALS),
            (self.dates, DATES),
        )
        for value, choices in chosen:
            if value not in choices:
                raise ValueError(f"{value!r} is none of {', '.join(map(repr, choices))}")
        if self.newline not in ("\n", "\r"):
            raise ValueError("A line ends with \\n or \\r")


def sniff(sample: bytes) -> Format:
    """The best guess from the first bytes of a file."""
    encoding = _encoding(sample)
    text = sample.decode(encoding, errors="ignore").removeprefix("\ufeff")
    start = text.lstrip()[:1]
    if start in ("[", "{"):
        return Format(kind="json" if start == "[" else "lines", encoding=encoding)
    newline = "\n" if "\n" in text or "\r" not in text else "\r"
    whole = text[: text.rfind(newline) + 1] or text
    lines = whole.split(newline)[:200]
    delimiter = _delimiter(lines)
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    cells = [cell.strip() for row in rows[1:] for cell in row]
    return Format(
        encoding=encoding,
        delimiter=delimiter,
        newline=newline,
        header=_has_header(rows),
        decimal=_decimal(cells),
        dates=_dates(cells),
    )


def _encoding(sample: bytes) -> str:
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    head = sample[:2000]
    if head.count(0) * 5 > len(head):  # every second byte of plain letters is empty
        return "utf-16-le" if head[::2].count(0) < head[1::2].count(0) else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        # Cyrillic words are runs of high bytes; in Western text a high byte stands alone between plain letters.
        runs = re.findall(rb"[\x80-\xff]+", sample)
        return "cp1251" if sum(len(run) for run in runs if len(run) > 1) * 2 > sum(map(len, runs)) else "cp1252"
    return "utf-8"


def _delimiter(lines: Sequence[str]) -> str:
    """The one that cuts most lines into the same number of cells."""
    best, choice = (0.0, 0), ","
    for one in DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=one) if row)
        if not widths:
            continue
        width, often = widths.most_common(1)[0]
        score = (often / widths.total() if width > 1 else 0.0, width)
        if score > best:
            best, choice = score, one
    return choice


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Names hold no addresses and no numbers, and no name stands there twice."""
    first = [cell.strip() for cell in rows[0]] if rows else []
    data = re.compile(r".*@.*\..*|[+-]?[\d\s().,:/-]+")
    return not any(data.fullmatch(cell) for cell in first if cell)


def _decimal(cells: Sequence[str]) -> str:
    commas = sum(1 for cell in cells if _COMMA_NUMBER.fullmatch(cell))
    return "," if commas > sum(1 for cell in cells if _POINT_NUMBER.fullmatch(cell)) else "."


def _dates(cells: Sequence[str]) -> str:
    months_first = sum(1 for cell in cells if (m := _SLASHED.match(cell)) and int(m[1]) <= 12 < int(m[2]))
    days_first = sum(1 for cell in cells if (m := _SLASHED.match(cell)) and int(m[2]) <= 12 < int(m[1]))
    return "mdy" if months_first > days_first else "dmy"
