"""What a condition finds right now: how many, how they can be reached, who, and each row alone."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from django.core.cache import cache
from django.db import connection

from profiles.models import Profile
from profiles.segments import ast, compiler, sets
from profiles.segments.fragment import Fragment, join, sql

MAX_ROWS: Final = 60
REMEMBERED: Final = 10  # seconds that the count of a row is kept while somebody edits the others
EVERYBODY: Final = sql("SELECT count(*) FROM ({}) s", sets.EVERYBODY)


@dataclass(frozen=True, slots=True)
class Audience:
    """People who match, of everybody; `ms` is how long counting took."""

    count: int
    everybody: int
    with_email: int
    with_phone: int
    unreachable: int
    ms: int
    people: list[Profile]


def audience(condition: ast.Condition, now: datetime, *, some: int = 5) -> Audience:
    """Count the people who match, and fetch some of them."""
    started = time.perf_counter()
    statement = sql(
        "SELECT count(*),"
        " count(*) FILTER (WHERE coalesce(p.attributes ->> 'email', '') <> ''),"
        " count(*) FILTER (WHERE coalesce(p.attributes ->> 'phone', '') <> ''),"
        " count(*) FILTER (WHERE coalesce(p.attributes ->> 'email', '') = ''"
        " AND coalesce(p.attributes ->> 'phone', '') = '')"
        " FROM profiles_profile p WHERE p.id IN ({})",
        compiler.compiled(condition, now),
    )
    count, with_email, with_phone, unreachable = _row(statement)
    ms = round((time.perf_counter() - started) * 1000)
    (everybody,) = _row(EVERYBODY)
    ids = compiler.sample(condition, now, some) if count else []
    found = Profile.objects.in_bulk(ids)
    people = [found[ident] for ident in ids if ident in found]
    return Audience(count, everybody, with_email, with_phone, unreachable, max(ms, 1), people)


def row_counts(raw: Any, now: datetime) -> dict[str, int]:
    """How many match each single question of an unsaved condition, by its path. What is unfinished has no count."""
    ast.parse(raw, unfinished=True)  # refuses what is too deep or too long
    rows: dict[str, ast.Condition] = {}
    for path, leaf in _leaves(raw, ""):
        read = ast.parse(leaf, unfinished=True)
        if not isinstance(read, ast.Unfinished) and len(rows) < MAX_ROWS:
            rows[path] = read
    keys = {path: _key(condition, now) for path, condition in rows.items()}
    known: dict[str, int] = cache.get_many(keys.values())
    missing = {key: rows[path] for path, key in keys.items() if key not in known}
    if missing:
        counted = _count_all(list(missing.values()), now)
        fresh = dict(zip(missing, counted, strict=True))
        cache.set_many(fresh, REMEMBERED)
        known |= fresh
    return {path: known[key] for path, key in keys.items()}


def _count_all(conditions: list[ast.Condition], now: datetime) -> list[int]:
    """One statement for all of them."""
    counts = [sql("SELECT count(*) FROM ({}) s", compiler.compiled(condition, now)) for condition in conditions]
    listed = join(",", counts) if len(counts) > 1 else Fragment(f"({counts[0].text})", counts[0].params)
    return [int(n) for n in _row(sql("SELECT {}", listed))]


def _leaves(raw: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(raw, Mapping) and raw.get("type") in ast.GROUPS:
        inside = raw.get("of")
        for i, child in enumerate(inside if isinstance(inside, list) else []):
            yield from _leaves(child, f"{path}.of[{i}]" if path else f"of[{i}]")
    else:
        yield path, raw


def _key(condition: ast.Condition, now: datetime) -> str:
    text = f"{ast.canonical(condition)}|{now:%Y%m%d%H%M}"
    return f"rows:{blake2b(text.encode(), digest_size=20).hexdigest()}"


def _row(statement: Fragment) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return tuple(cursor.fetchone() or ())
