"""Files as people write them: how they are guessed, read, and read again from any place."""

import io
import json
from typing import Any

import pytest

from profiles.imports.formats import Format, sniff
from profiles.imports.guess import guess
from profiles.imports.plan import Column
from profiles.imports.reading import Row, data_start, first_rows, rows
from profiles.imports.values import CONVERT, BadValueError, given

TEXT = "id;Vorname;Betrag;Seit\n1;Jürgen;1.234,50;31.12.2025\n2;Zoë;7,5;01.02.2026\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n1,2\n", Format()),
        (b"\xef\xbb\xbfa\tb\n1\t2\n", Format(delimiter="\t")),
        (TEXT.encode(), Format(delimiter=";", decimal=",")),
        (TEXT.encode("utf-16"), Format(encoding="utf-16-le", delimiter=";", decimal=",")),
        (TEXT.encode("utf-16-be"), Format(encoding="utf-16-be", delimiter=";", decimal=",")),
        (TEXT.encode("cp1252"), Format(encoding="cp1252", delimiter=";", decimal=",")),
        ("имя|город\nАнна|Москва\n".encode("cp1251"), Format(encoding="cp1251", delimiter="|")),  # noqa: RUF001
        (b"when,what\r12/31/2025,a\r01/02/2026,b\r", Format(newline="\r", dates="mdy")),
        (b"anna@shop.example,Anna\nben@shop.example,Ben\n", Format(header=False)),
        (b' [\n{"a": 1}]', Format(kind="json")),
        (b'{"a": 1}\n{"a": 2}\n', Format(kind="lines")),
        (b"", Format()),
        (b'name,text\nA,"one, two; three"\nB,"four; five"\n', Format()),
    ],
)
def test_the_format_is_guessed(data: bytes, expected: Format) -> None:
    assert sniff(data) == expected


def read(data: bytes, form: Format | None = None) -> tuple[list[str], list[Row]]:
    """Columns and all rows."""
    form = form or sniff(data)
    file = io.BytesIO(data)
    columns, head = first_rows(file, form, 1000)
    offset, number = data_start(file, form)
    found = list(rows(file, form, columns, offset, number))
    assert found[:1000] == head
    return columns, found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_comes_out_whatever_it_is_written_in(encoding: str, newline: str) -> None:
    columns, found = read(TEXT.replace("\n", newline).encode(encoding))
    assert columns == ["id", "Vorname", "Betrag", "Seit"]
    assert [(row.number, list(row.cells)) for row in found] == [
        (2, ["1", "Jürgen", "1.234,50", "31.12.2025"]),
        (3, ["2", "Zoë", "7,5", "01.02.2026"]),
    ]


def test_quotes_newlines_and_blank_rows() -> None:
    columns, found = read(b'email,email,\n"a ""b""","x\ny",1\n\n,,\n1,2,3,,\nlast,2,3')
    assert columns == ["email", "email (2)", "Column 3"]
    assert [(row.number, list(row.cells), row.error) for row in found] == [
        (2, ['a "b"', "x\ny", "1"], ""),
        (5, ["1", "2", "3"], ""),
        (6, ["last", "2", "3"], ""),
    ]


QUOTE = "A quotation mark opens a text that does not end."


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n1,2\n3\n4,5,6\n7,8\n", [(2, ""), (3, "1 columns"), (4, "3 columns"), (5, "")]),
        (b'a,b\n1,2\n"3,4\n5,6\n7,8\n', [(2, ""), (3, QUOTE), (4, ""), (5, "")]),  # to the end of the file
        (b'a,b\n1,2\n"3,4\n5,6\n7,8"\n9,0\n', [(2, ""), (3, QUOTE), (4, ""), (5, ""), (6, "")]),
        (b'a,b\n1,2\n"' + b"x,y\n" * 50_000, [(2, ""), (3, QUOTE)] + [(n, "") for n in range(4, 50_003)]),
    ],
)
def test_a_bad_row_spoils_only_itself(data: bytes, expected: list[tuple[int, str]]) -> None:
    found = [(row.number, row.error) for row in read(data, Format())[1]]
    assert len(found) == len(expected)
    for (number, error), (expected_number, expected_error) in zip(found, expected, strict=True):
        assert number == expected_number
        assert expected_error in error if expected_error else not error


@pytest.mark.parametrize("indent", [None, 2])
def test_json_arrays(indent: int | None) -> None:
    people = [{"email": f"ä{n}@x.example", "address": {"city": "Köln"}, "n": n} for n in range(20_000)]
    data = json.dumps(people, ensure_ascii=False, indent=indent).encode()
    assert read(data)[0] == ["email", "address", "n"]
    found = list(rows(io.BytesIO(data), Format(kind="json"), ["n", "address"]))
    assert [(row.number, row.cells) for row in found] == [(n + 1, [n, {"city": "Köln"}]) for n in range(20_000)]


def test_bad_items_of_json() -> None:
    data = b'[{"a": 1}, 7, {"a": NaN}, {"a" 2}, {"a": "\xff"}, {"a": 3}'
    found = list(rows(io.BytesIO(data), Format(kind="json"), ["a"]))
    assert [(row.number, bool(row.error)) for row in found] == [
        (1, False), (2, True), (3, True), (4, True), (5, False), (6, False),
    ]  # fmt: skip
    with pytest.raises(BadValueError):
        given(found[4].cells[0])
    lines = list(rows(io.BytesIO(b'{"a": 1}\n\nnonsense\n[2]\n{"a": 3}'), Format(kind="lines"), ["a"]))
    assert [(row.number, list(row.cells), bool(row.error)) for row in lines] == [
        (1, [1], False), (3, ["nonsense"], True), (4, ["[2]"], True), (5, [3], False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (TEXT.encode("utf-16"), None),
        (b'a,b\n1,"x\ny"\n\n2,"z\n3,4\n5,6\n', Format()),
        ('[{"a": "ä"},\n {"a": "\u20ac"} , 5, {"a": "z"}]'.encode(), Format(kind="json")),
        ('{"a": "ä"}\n{"a": 2}\nx\n{"a": 3}'.encode(), Format(kind="lines")),
        ("Grüße,b\nä,ö\n\xff,2\n".encode("cp1252"), Format(encoding="cp1252")),
        (b"a,b\n\xff\xfe,2\n3,4\n", Format()),
    ],
)
def test_reading_goes_on_from_every_place(data: bytes, form: Format | None) -> None:
    form = form or sniff(data)
    columns, found = read(data, form)
    for n, row in enumerate(found):
        assert list(rows(io.BytesIO(data), form, columns, row.end, row.number)) == found[n + 1 :]


def test_columns_are_guessed_by_name_and_by_what_stands_there() -> None:
    head = "Kundennummer,E-Mail,Handy,Vorname,tz,x,News,Betrag,PLZ,Seit,Aktiv,Tags,leer,Kontakt\n"
    line = (
        "{0},a{0}@x.example,+49 151 2345678{0},Anna,Europe/Berlin,,yes,1.5,01067,2026-01-0{0},ja,a;b,,b{0}@x.example\n"
    )
    data = (head + "".join(line.format(n) for n in range(1, 6))).encode()
    columns, found = read(data)
    plan = guess(columns, found, sniff(data), {"news": "News"})
    assert plan.keys == ["user_id"]
    assert plan.columns == [
        Column("Kundennummer", "user_id"),
        Column("E-Mail", "email"),
        Column("Handy", "phone"),
        Column("Vorname", "attribute", "first_name"),
        Column("tz", "attribute", "timezone"),
        Column("x"),
        Column("News", "consent", topic="news"),
        Column("Betrag", "attribute", "betrag", "number"),
        Column("PLZ", "attribute", "plz", "text"),
        Column("Seit", "attribute", "seit", "date"),
        Column("Aktiv", "attribute", "aktiv", "yes_no"),
        Column("Tags", "attribute", "tags", "list"),
        Column("leer"),
        Column("Kontakt"),
    ]


GERMAN = Format(decimal=",")
AMERICAN = Format(dates="mdy")


@pytest.mark.parametrize(
    ("kind", "value", "form", "expected"),
    [
        ("number", "1,234.50", Format(), 1234.5),
        ("number", "1.234,50", GERMAN, 1234.5),
        ("number", "1 234,5", GERMAN, 1234.5),
        ("number", "-7", Format(), -7),
        ("number", 3.25, Format(), 3.25),
        ("number", "1,5", Format(), None),
        ("number", "1e999", Format(), None),
        ("number", "abc", Format(), None),
        ("number", True, Format(), None),
        ("yes_no", "Ja", Format(), True),
        ("yes_no", "0", Format(), False),
        ("yes_no", "maybe", Format(), None),
        ("date", "2026-1-5", Format(), "2026-01-05"),
        ("date", "2026-01-05T9:30Z", Format(), "2026-01-05T09:30:00+00:00"),
        ("date", "05.01.2026 14:30", AMERICAN, "2026-01-05T14:30:00"),
        ("date", "5/1/26", Format(), "2026-01-05"),
        ("date", "5/1/2026", AMERICAN, "2026-05-01"),
        ("date", "2026/01/05", Format(), "2026-01-05"),
        ("date", "31.02.2026", Format(), None),
        ("date", "soon", Format(), None),
        ("list", "a; b;;c", Format(), ["a", "b", "c"]),
        ("list", "a, b", Format(), ["a", "b"]),
        ("list", '["a,b", 2]', Format(), ["a,b", 2]),
        ("email", "Anna@Shop.example", Format(), "Anna@Shop.example"),
        ("email", "anna", Format(), None),
        ("phone", "0151 / 234-5678", Format(), "0151 / 234-5678"),
        ("phone", "12", Format(), None),
        ("timezone", "Europe/Berlin", Format(), "Europe/Berlin"),
        ("timezone", "Berlin", Format(), None),
        ("identifier", 17, Format(), "17"),
        ("identifier", "x" * 256, Format(), None),
        ("text", "x" * 5001, Format(), None),
        ("text", {"a": "ä"}, Format(), '{"a": "ä"}'),
    ],
)
def test_values(kind: str, value: Any, form: Format, expected: Any) -> None:
    if expected is None:
        with pytest.raises(BadValueError):
            CONVERT[kind](value, form)
    else:
        result = CONVERT[kind](value, form)
        assert (result, type(result)) == (expected, type(expected))
