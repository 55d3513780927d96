"""Load named SQL statements from `.sql` files, and run them with their parameters apart.

A file holds statements, each under a line `-- name: claim_due`, with the comments that follow as its explanation.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def load(path: Path) -> dict[str, str]:
    """Statements of one file by name. KeyError names what is missing."""
    parts = NAME.split(path.read_text())
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def escaped(word: str) -> str:
    """Text that LIKE takes literally."""
    return re.sub(r"([\\%_])", r"\\\1", word)


def bound() -> CursorWrapper:
    """A cursor of Django's connection for statements that run all day: parameters go to the server apart from the text.

    Django's own writes them into the text, where Python quotes each and the server reads them all again. The server
    cannot see what type a parameter should have where only its use would tell: cast it (`%(ids)s::bigint[]`).
    """
    connection.ensure_connection()
    inner: Any = psycopg.Cursor[tuple[Any, ...]](connection.connection)
    return connection.make_debug_cursor(inner) if connection.queries_logged else connection.make_cursor(inner)


def array(values: list[Any]) -> str:
    """An array as PostgreSQL writes it, of numbers, moments, truths or plain words: but for its brackets that is JSON,
    written in a fiftieth of the time that the driver takes.
    """
    return f"{{{msgspec.json.encode(values).decode()[1:-1]}}}"


@contextmanager
def lazily_committed() -> Iterator[None]:
    """A transaction that does not wait for the disk when it commits: a power cut may undo it, whole, and the work it
    took out of the database is there again. For work of which nobody outside hears: a later commit that waits, such as
    that of a sender who claims what was written here, takes this one to the disk first.
    """
    with transaction.atomic():
        with bound() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        yield


def copy(statement: str, rows: bytes) -> None:
    """Take rows in by COPY. What goes wrong is told in Django's errors, as with any other statement."""
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as into:
        into.write(rows)
