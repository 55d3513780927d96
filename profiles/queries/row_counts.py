"""How many people match each row and group of an unsaved condition alone, and what is missing in the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from django.core.cache import cache

from profiles.queries.audience import row
from profiles.segments import ast, compiler
from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.kind import Kind

MAX_ROWS: Final = 60
REMEMBERED: Final = 10  # seconds that the count of a row is kept while somebody edits the others


@dataclass(frozen=True, slots=True)
class RowCounts:
    """By the path of the row."""

    rows: dict[str, int]
    problems: dict[str, str]


def row_counts(raw: Any, now: datetime) -> RowCounts:
    """Rows that are finished are counted, in one statement; of the others it is said what they need."""
    ast.parse(raw, unfinished=True)  # refuses what is too deep or too long
    read = {path: ast.parse(part, unfinished=True) for path, part in _parts(raw, "")}
    problems = {path: one.message for path, one in read.items() if isinstance(one, ast.Unfinished)}
    asked = {path: one for path, one in read.items() if path not in problems and _is_ready(one)}
    lost = ast.lost(list(asked.values()))
    problems |= {path: lost[one] for path, one in asked.items() if isinstance(one, Kind) and one in lost}
    counted = dict([(path, one) for path, one in asked.items() if path not in problems][:MAX_ROWS])
    return RowCounts(_counted(counted, now), problems)


def _counted(rows: dict[str, ast.Condition], now: datetime) -> dict[str, int]:
    keys = {path: _key(condition, now) for path, condition in rows.items()}
    known: dict[str, int] = cache.get_many(keys.values())
    missing = {key: rows[path] for path, key in keys.items() if key not in known}
    if missing:
        fresh = dict(zip(missing, _count_all(list(missing.values()), now), strict=True))
        cache.set_many(fresh, REMEMBERED)
        known |= fresh
    return {path: known[key] for path, key in keys.items()}


def _count_all(conditions: list[ast.Condition], now: datetime) -> list[int]:
    """One statement for all of them."""
    counts = [sql("SELECT count(*) FROM ({}) s", compiler.compiled(condition, now)) for condition in conditions]
    listed = join(",", counts) if len(counts) > 1 else Fragment(f"({counts[0].text})", counts[0].params)
    return [int(n) for n in row(sql("SELECT {}", listed))]


def _is_ready(condition: ast.Condition) -> bool:
    """A group with something unfinished inside has no number of its own."""
    return not any(isinstance(leaf, ast.Unfinished) for leaf in ast.leaves(condition))


def _parts(raw: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Rows and inner groups that are switched on, by path."""
    if isinstance(raw, Mapping) and raw.get("off") is True:
        return
    inside = raw.get("of") if isinstance(raw, Mapping) and raw.get("type") in ast.GROUPS else None
    if path or inside is None:
        yield path, raw
    for i, child in enumerate(inside if isinstance(inside, list) else []):
        yield from _parts(child, f"{path}.of[{i}]" if path else f"of[{i}]")


def _key(condition: ast.Condition, now: datetime) -> str:
    text = f"{ast.canonical(condition)}|{now:%Y%m%d%H%M}"
    return f"rows:{blake2b(text.encode(), digest_size=20).hexdigest()}"
