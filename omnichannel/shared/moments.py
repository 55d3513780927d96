"""Moments as PostgreSQL writes them, read by C instead of Python: 0.5 instead of 3 µs each, in batches of thousands."""

from datetime import UTC, datetime
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.abc import Buffer
from psycopg.types.datetime import TimestamptzLoader


class MomentLoader(TimestamptzLoader):
    """`2026-03-02 10:00:00.125+00` in a session whose time zone is UTC, as all of ours are."""

    timezone: Final = UTC  # where Django would look whether to bring a loader of its own

    def load(self, data: Buffer) -> datetime:
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError:  # before Christ, or infinite: psycopg says so
            return super().load(data)


def register(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """Receives `connection_created`."""
    connection.connection.adapters.register_loader("timestamptz", MomentLoader)
