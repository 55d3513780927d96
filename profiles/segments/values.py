"""What a stored JSON value means when it is compared: the same reading in Python and in SQL.

- A number is a JSON number, or a string that is nothing but a plain decimal ("42", "-3.50"), so not "1e5" or " 7".
- A moment is a string in ISO 8601 with a real calendar day ("2026-03-01", "2026-03-01T10:00:00Z"); without a zone: UTC.
- Missing, null and the empty text are all "not set".
- Text is compared letter by letter: capitals differ.
- A field path goes through objects only ("address.city"); lists have no members to walk into.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

import msgspec

from profiles.segments.fragment import Fragment, sql

NUMBER: Final = r"^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$"
MOMENT: Final = (
    r"^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?)?$"
)
COLUMN: Final = "total"  # this number of an event is a column too, see schema_events.sql
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_NUMBER: Final = re.compile(NUMBER.removesuffix("$"))
_MOMENT: Final = re.compile(MOMENT.removesuffix("$"))


def loads(raw: str) -> dict[str, Any]:
    """JSON with exact numbers."""
    found = _DECODER.decode(raw)
    return found if isinstance(found, dict) else {}


def at_path(properties: Mapping[str, Any], path: str) -> Any:
    """The value under a dotted path; None when there is none."""
    return reader(path)(properties)


def reader(path: str) -> Callable[[Mapping[str, Any]], Any]:
    """`at_path`, prepared for many."""
    if "." not in path:
        return lambda properties: properties.get(path)
    parts = path.split(".")

    def read(properties: Mapping[str, Any]) -> Any:
        value: Any = properties
        for part in parts:
            if not isinstance(value, Mapping):
                return None
            value = value.get(part)
        return value

    return read


def number(value: Any) -> Decimal | None:
    """The value as a number, where it is one."""
    kind = value.__class__  # asked for each of very many values
    if kind is Decimal or kind is int:
        return Decimal(value)
    if kind is float:
        return Decimal(repr(value))
    return Decimal(value) if kind is str and _NUMBER.fullmatch(value) else None


def moment(value: Any) -> datetime | None:
    """The value as a moment in time, where it is one."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:  # the 31st of February
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def day(value: Any, zone: tzinfo | None) -> str | None:
    """The calendar day of a value ("2026-03-01"): as it is written, or that of its moment in a zone."""
    found = moment(value)
    if found is None:
        return None
    return str(value) if len(value) == 10 else found.astimezone(zone).date().isoformat()


def sql_json(column: Fragment, path: str) -> Fragment:
    """The jsonb value under a dotted path. `-> text` finds nothing in lists, as in `at_path`."""
    value = column
    for part in path.split("."):
        value = sql("{} -> {}::text", value, part)
    return sql("({})", value)


def sql_text(column: Fragment, path: str) -> Fragment:
    """The text of the value under a dotted path."""
    *parents, last = path.split(".")
    value = column
    for part in parents:
        value = sql("{} -> {}::text", value, part)
    return sql("({} ->> {}::text)", value, last)


def sql_number(column: Fragment, path: str) -> Fragment:
    """`number`, in SQL: numeric or NULL."""
    if path == COLUMN and column.text.endswith(".properties"):
        return Fragment(column.text.removesuffix("properties") + COLUMN)
    json, text = sql_json(column, path), sql_text(column, path)
    return sql(
        "CASE jsonb_typeof({}) WHEN 'number' THEN {}::numeric"
        " WHEN 'string' THEN CASE WHEN {} ~ {} THEN {}::numeric END END",
        *(json, json, text, NUMBER, text),
    )


def sql_moment(column: Fragment, path: str) -> Fragment:
    """`moment`, in SQL: timestamptz or NULL. Our connections run in UTC, which a text without a zone then means."""
    json, text = sql_json(column, path), sql_text(column, path)
    return sql(
        "CASE WHEN jsonb_typeof({}) = 'string' AND {} ~ {} AND pg_input_is_valid({}, 'timestamptz')"
        " THEN {}::timestamptz END",
        *(json, text, MOMENT, text, text),
    )


def sql_day(column: Fragment, path: str, zone: tzinfo | None) -> Fragment:
    """`day`, in SQL: text or NULL."""
    json, text = sql_json(column, path), sql_text(column, path)
    return sql(
        "CASE WHEN jsonb_typeof({}) = 'string' AND {} ~ {} AND pg_input_is_valid({}, 'timestamptz')"
        " THEN CASE WHEN length({}) = 10 THEN {}"
        " ELSE to_char({}::timestamptz AT TIME ZONE {}, 'YYYY-MM-DD') END END",
        *(json, text, MOMENT, text, text, text, text, str(zone or UTC)),
    )
