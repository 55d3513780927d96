"""A copy of the big shop in DuckDB, typed and columnar: what is possible."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import psycopg

PEOPLE: Final = """
COPY (
    SELECT id, attributes ->> 'country', attributes ->> 'plan', attributes ->> 'email', attributes ->> 'city',
           attributes ->> 'loyalty_points', attributes -> 'interests'
    FROM profiles_profile WHERE merged_into_id IS NULL
) TO STDOUT (FORMAT csv)
"""
EVENTS: Final = """
COPY (
    SELECT profile_id, name, occurred_at AT TIME ZONE 'UTC', properties ->> 'total'
    FROM profiles_event WHERE kind <> 'page'
) TO STDOUT (FORMAT csv)
"""
READ: Final = (
    "CREATE TABLE people AS SELECT * REPLACE (from_json(interests, '[\"VARCHAR\"]') AS interests) FROM read_csv(?,"
    " header = false, columns = {'id': 'BIGINT', 'country': 'VARCHAR', 'plan': 'VARCHAR', 'email': 'VARCHAR',"
    " 'city': 'VARCHAR', 'points': 'INTEGER', 'interests': 'VARCHAR'})",
    "CREATE TABLE events AS SELECT * FROM read_csv(?, header = false,"
    " columns = {'person': 'BIGINT', 'name': 'VARCHAR', 'happened': 'TIMESTAMP', 'total': 'DECIMAL(12, 2)'})",
)


@contextmanager
def copied(url: str, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the copy, which lives in a file of `folder`."""
    duck = duckdb.connect(folder / "yardstick.duckdb")
    try:
        for select, read in zip((PEOPLE, EVENTS), READ, strict=True):
            text = folder / "rows.csv"
            with psycopg.connect(url) as db, db.cursor().copy(select) as copy, text.open("wb") as file:  # type: ignore[arg-type]
                for part in copy:
                    file.write(part)
            duck.execute(read, [str(text)])
            text.unlink()
        yield duck
    finally:
        duck.close()
