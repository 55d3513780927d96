"""Files read row by row from any row on: memory stays flat, a bad row spoils only itself, every place can be kept.

A place is a byte offset with the number of the row before it, so that work goes on exactly where it stopped.
"""

import codecs
import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
from django.utils.translation import gettext as _

from profiles.imports.formats import Format

BLOCK: Final = 256 * 1024
LONGEST: Final = 1024 * 1024  # bytes of a line, characters of an object
MARK: Final = "\ufeff"

_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)
_BETWEEN: Final = re.compile(r"[\s,]*")
_decode_line = msgspec.json.Decoder(dict[str, Any]).decode


class Row(NamedTuple):
    """One row: its number as a spreadsheet counts, its cells (or `error`, and what stands there), where it ends."""

    number: int
    cells: Sequence[Any]
    end: int
    error: str = ""


def rows(file: BinaryIO, form: Format, columns: Sequence[str], offset: int = 0, number: int = 0) -> Iterator[Row]:
    """The rows behind a place; cells in the order of the columns. Rows with nothing in them are left out."""
    file.seek(offset)
    if form.kind == "csv":
        return _csv_rows(_Lines(file, form, offset), form, len(columns), number)
    if form.kind == "lines":
        return _line_rows(_Lines(file, form, offset), columns, number)
    return _array_rows(file, form, columns, offset, number)


def first_rows(file: BinaryIO, form: Format, most: int) -> tuple[list[str], list[Row]]:
    """The names of the columns and the first rows behind them."""
    if form.kind != "csv":
        file.seek(0)
        found: dict[str, None] = {}
        objects = [one for _n, one in zip(range(most), _objects(file, form), strict=False)]
        for one in objects:
            found |= dict.fromkeys(one)
        columns = list(found)
        return columns, [row for _n, row in zip(range(most), rows(file, form, columns), strict=False)]
    file.seek(0)
    given = [row for _n, row in zip(range(most + 1), _csv_rows(_Lines(file, form, 0), form, 0, 0), strict=False)]
    width = max((len(row.cells) for row in given[:1]), default=0)
    names = given[0].cells if form.header and given else [""] * width
    columns = _named([str(name).strip() for name in names])
    start = given[0] if form.header and given else Row(0, (), 0)
    body = rows(file, form, columns, start.end, start.number)
    return columns, [row for _n, row in zip(range(most), body, strict=False)]


def data_start(file: BinaryIO, form: Format) -> tuple[int, int]:
    """The place of the first row with people: (offset, number of the row before)."""
    if form.kind != "csv" or not form.header:
        return 0, 0
    file.seek(0)
    head = next(_csv_rows(_Lines(file, form, 0), form, 0, 0), None)
    return (head.end, head.number) if head else (0, 0)


def _named(names: Sequence[str]) -> list[str]:
    """Every column gets a name of its own."""
    found: list[str] = []
    for place, given in enumerate(names, start=1):
        name, n = given or _("Column %(n)s") % {"n": place}, 1
        while (unique := name if n == 1 else f"{name} ({n})") in found:
            n += 1
        found.append(unique)
    return found


class _Lines:
    """The lines of a file as text, for the reader of CSV; what a torn row has swallowed can be given back."""

    def __init__(self, file: BinaryIO, form: Format, offset: int) -> None:
        self.end = offset
        self.ended = False
        self.taken: list[tuple[str, int]] = []
        self._back: list[tuple[str, int]] = []
        self._source = _wide_lines(file, form) if form.encoding.startswith("utf-16") else _lines(file, form)
        self._bare = offset > 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self._back:
            text, size = self._back.pop()
        else:
            try:
                text, size = next(self._source)
            except StopIteration:
                self.ended = True
                raise
            if not self._bare:
                text, self._bare = text.removeprefix(MARK), True
        self.end += size
        self.taken.append((text, size))
        return text

    def give_back(self) -> str:
        """All lines taken but the first, which is answered."""
        again = self.taken[1:]
        self.end -= sum(size for _text, size in again)
        self._back += reversed(again)
        self.ended = False
        return self.taken[0][0]


def _lines(file: BinaryIO, form: Format) -> Iterator[tuple[str, int]]:
    """Line and length in bytes. Letters that cannot be read become the sign for that."""
    newline, rest, encoding = form.newline.encode(), b"", form.encoding
    while block := file.read(BLOCK):
        *whole, rest = (rest + block).split(newline)
        for line in whole:
            yield line.decode(encoding, "replace") + "\n", len(line) + len(newline)
        if len(rest) > LONGEST:
            yield rest.decode(encoding, "replace"), len(rest)
            rest = b""
    if rest:
        yield rest.decode(encoding, "replace"), len(rest)


def _wide_lines(file: BinaryIO, form: Format) -> Iterator[tuple[str, int]]:
    """The same where a letter has two bytes or four: cut as text, since half a letter may look like a line's end."""
    for text in _cut(_texts(file, form.encoding), form.newline):
        yield (
            text.removesuffix(form.newline) + "\n" if text.endswith(form.newline) else text,
            _size(text, form.encoding),
        )


def _cut(texts: Iterator[str], newline: str) -> Iterator[str]:
    rest = ""
    for text in texts:
        *whole, rest = (rest + text).split(newline)
        yield from (line + newline for line in whole)
        if len(rest) > LONGEST:
            yield rest
            rest = ""
    if rest:
        yield rest


def _texts(file: BinaryIO, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors=_kept(encoding))
    while block := file.read(BLOCK):
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _kept(encoding: str) -> str:
    """How bytes that are no letters are read so that their number stays known."""
    return "replace" if encoding.startswith("utf-16") else "surrogateescape"


def _size(text: str, encoding: str) -> int:
    return len(text.encode(encoding, _kept(encoding)))


def _csv_rows(lines: _Lines, form: Format, width: int, number: int) -> Iterator[Row]:
    """Rows of CSV. A quote that is never closed would swallow good rows: then only the line it stands in is bad."""
    reader = csv.reader(lines, delimiter=form.delimiter)
    while True:
        lines.taken.clear()
        error = ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            error, cells = _("A quotation mark opens a text that does not end."), []
        number += 1
        if len(lines.taken) > 1 and (error or lines.ended or (width and len(cells) != width)):
            error = _("A quotation mark opens a text that does not end.")
        if error:
            cells = [lines.give_back().rstrip("\r\n")[:LONGEST]]
            reader = csv.reader(lines, delimiter=form.delimiter)
        elif not any(cells):
            continue
        elif width and len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        if not error and width and len(cells) != width:
            if not "".join(cells).strip():
                continue
            error = _("The row has %(here)s columns, the others have %(others)s.") % {
                "here": len(cells),
                "others": width,
            }
        yield Row(number, cells, lines.end, error)


def _line_rows(lines: _Lines, columns: Sequence[str], number: int) -> Iterator[Row]:
    for text in lines:
        number += 1
        if not text.strip():
            continue
        try:
            found = _decode_line(text)
        except (msgspec.DecodeError, RecursionError):
            yield Row(number, [text.strip()], lines.end, _("This line is not a JSON object."))
        else:
            yield Row(number, [found.get(name) for name in columns], lines.end)


def _array_rows(file: BinaryIO, form: Format, columns: Sequence[str], offset: int, number: int) -> Iterator[Row]:
    for found, raw, size in _items(file, form, first=offset == 0):
        number += 1
        offset += size
        if isinstance(found, dict):
            yield Row(number, [found.get(name) for name in columns], offset)
        else:
            yield Row(number, [raw], offset, _("This is not a JSON object."))


def _objects(file: BinaryIO, form: Format) -> Iterator[dict[str, Any]]:
    """The objects alone, to learn their names."""
    if form.kind == "json":
        yield from (one for one, _raw, _size in _items(file, form, first=True) if isinstance(one, dict))
        return
    for text in _Lines(file, form, 0):
        try:
            yield _decode_line(text)
        except (msgspec.DecodeError, RecursionError):
            continue


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _items(file: BinaryIO, form: Format, *, first: bool) -> Iterator[tuple[Any, str, int]]:
    """The items of an array: (value or None, its text, bytes since the item before)."""
    decode = json.JSONDecoder(parse_constant=_no_constant).raw_decode
    texts = _texts(file, form.encoding)
    text, start, more = "", 0, True
    while True:
        if more and len(text) - start < LONGEST:
            block = next(texts, "")
            text, start, more = text[start:] + block, 0, bool(block)
        lead = 1 + len(text) - len(text.removeprefix(MARK).lstrip()) if first else 0
        begin = _BETWEEN.match(text, start + lead).end()  # type: ignore[union-attr]  # it matches nothing, too
        if begin >= len(text) and more:
            continue
        if begin >= len(text) or text[begin] == "]":
            return
        found, end = _item(decode, text, begin)
        if end < 0 and more and len(text) - start < LONGEST:
            continue
        if end < 0:  # what follows cannot be told apart from it
            yield None, text[begin : begin + 1000], _size(text[start:], form.encoding)
            return
        yield found, text[begin:end], _size(text[start:end], form.encoding)
        start, first = end, False


def _item(decode: Callable[[str, int], tuple[Any, int]], text: str, begin: int) -> tuple[Any, int]:
    """The value that begins there, or None, and where it ends; -1 where no end is in sight."""
    try:
        return decode(text, begin)
    except (ValueError, RecursionError):
        depth = 0
        for token in _TOKENS.finditer(text, begin):
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[0], 0)
            if depth <= 0 and token[0] in "}]":
                return None, token.end()
        return None, -1
