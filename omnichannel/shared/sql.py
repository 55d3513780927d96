"""Load named SQL statements from `.sql` files, and run them prepared.

A file holds statements, each under a line `-- name: claim_due`, with the comments that follow as its explanation.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Self

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg.abc import Params

NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def load(path: Path) -> dict[str, str]:
    """Statements of one file by name. KeyError names what is missing."""
    parts = NAME.split(path.read_text())
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def escaped(word: str) -> str:
    """Text that LIKE takes literally."""
    return re.sub(r"([\\%_])", r"\\\1", word)


class _Prepared(psycopg.Cursor[tuple[Any, ...]]):
    """Parameters go to the server apart from the text, which it parses and plans once for a connection."""

    def execute(self, query: Any, params: Params | None = None, **_given: Any) -> Self:
        """Run it, prepared."""
        return super().execute(query, params, prepare=True)


def prepared() -> CursorWrapper:
    """A cursor of Django's connection for statements that run all day, whose texts never vary.

    Django's own writes parameters into the text: then parsing and planning cost more than many a batch. The server
    cannot see what type a parameter should have where only its use would tell: cast it (`%(ids)s::bigint[]`).
    """
    connection.ensure_connection()
    inner: Any = _Prepared(connection.connection)
    return connection.make_debug_cursor(inner) if connection.queries_logged else connection.make_cursor(inner)
