"""What the data offers to an editor of conditions: names, types and frequent values.

Exact counts over ten million events would take a second, and a suggestion only has to be about right: samples,
remembered a minute. Which events there are is asked each time, because the first one of its name is what one waits for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from django.core.cache import cache
from django.db import connection

from omnichannel.shared import sql
from profiles.queries.sentences import sources, tokens
from profiles.segments.kind import KINDS
from profiles.segments.operators import OPERATORS
from profiles.segments.periods import UNIT_LABELS
from profiles.segments.values import loads, moment

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "suggestions.sql")
REMEMBERED: Final = 60
SAMPLE: Final = 3_000
MAX_NAMES: Final = 300
MAX_VALUES: Final = 30
MAX_TEXT: Final = 60
RESERVED: Final = ("email", "phone", "first_name", "last_name", "country", "city", "language", "timezone")


def schema() -> dict[str, Any]:
    """Everything an editor needs at once, but the properties of events."""
    data = _sampled()
    sentences = tokens.told(KINDS)
    return {
        "fields": {"attributes": data["attributes"], "account": data["account"]},
        "sources": sources.everything() | {"events": _events(data["counts"])},
        "operators": [
            {
                "name": one.name,
                "label": str(one.label),
                "types": list(one.types),
                "argument": one.argument,
                "opposite": one.opposite,
            }
            for one in OPERATORS.values()
        ],
        "units": [{"name": name, "label": str(text)} for name, text in UNIT_LABELS.items()],
        "kinds": [one.dump() for one in sentences],
        "icons": tokens.drawn(sentences),
    }


def attributes() -> list[dict[str, Any]]:
    """What is known about people."""
    return list(_sampled()["attributes"])


def event_names() -> list[str]:
    """What people do, most frequent first."""
    return [event["label"] for event in _events(_sampled()["counts"])]


def all_event_names() -> list[str]:
    """In the order of the alphabet."""
    return [name for (name,) in _rows("event_names", {})]


def event_properties(event: str) -> list[dict[str, Any]]:
    """The properties of the last events of this name."""
    found = cache.get_or_set(
        f"suggest:event:{blake2b(event.encode()).hexdigest()}", lambda: _event_properties(event), REMEMBERED
    )
    return found or []


def fields(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Names (dotted where nested), types and most frequent values of some JSON objects, most common first."""
    types: dict[str, Counter[str]] = defaultdict(Counter)
    values: dict[str, Counter[str | float]] = defaultdict(Counter)
    for row in rows:
        for path, value in _walk(row, ""):
            types[path][kind(value)] += 1
            for one in value if isinstance(value, list) else (value,):
                if isinstance(one, str | int | float) and not isinstance(one, bool) and len(str(one)) <= MAX_TEXT:
                    values[path][one] += 1
    most = sorted(types, key=lambda path: (-types[path].total(), path))[:MAX_NAMES]
    return [
        {
            "name": path,
            "type": types[path].most_common(1)[0][0],
            "count": types[path].total(),
            "values": [{"value": value, "count": n} for value, n in values[path].most_common(MAX_VALUES)],
        }
        for path in most
    ]


def kind(value: Any) -> str:
    """The type that operators are chosen by: text, number, boolean, date or list."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, list):
        return "list"
    if isinstance(value, str):
        return "date" if moment(value) else "text"
    return "number"


def _walk(row: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, Any]]:
    for name, value in row.items():
        if not name or "." in name or value is None:
            continue
        path = f"{prefix}{name}"
        if isinstance(value, Mapping):
            if prefix.count(".") < 3:
                yield from _walk(value, f"{path}.")
        else:
            yield path, value if isinstance(value, str | bool | list) else float(value) if value % 1 else int(value)


def _sampled() -> dict[str, Any]:
    return cache.get_or_set("suggest:data", _sample, REMEMBERED) or {}


def _sample() -> dict[str, Any]:
    profiles = [loads(raw) for (raw,) in _rows("profile_sample", {"size": SAMPLE})]
    known = fields(profiles)
    names = {one["name"] for one in known}
    missing: list[dict[str, Any]] = [
        {"name": name, "type": "text", "count": 0, "values": []} for name in RESERVED if name not in names
    ]
    companies = fields(loads(raw) for (raw,) in _rows("account_sample", {"size": SAMPLE}))
    return {"attributes": known + missing, "counts": dict(_rows("event_counts", {})), "account": companies}


def _events(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The most frequent first; what came after the sample counts as one."""
    known = sorted((-counts.get(name, 1), name) for name in all_event_names())
    return [{"value": name, "label": name, "count": -count} for count, name in known[:MAX_NAMES]]


def _event_properties(event: str) -> list[dict[str, Any]]:
    return fields(loads(raw) for (raw,) in _rows("event_sample", {"name": event, "size": SAMPLE}))


def _rows(statement: str, args: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())
