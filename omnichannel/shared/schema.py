"""Database objects that models cannot express, from each app's `sql/schema.sql`, whose statements may run again."""

from pathlib import Path
from typing import Final

from django.apps import apps
from django.db import connection, transaction

APPS: Final = ("shared", "profiles", "journeys")


def files() -> list[Path]:
    """The schema files there are, in the order they are applied."""
    paths = (Path(apps.get_app_config(label).path) / "sql" / "schema.sql" for label in APPS)
    return [path for path in paths if path.exists()]


def apply() -> None:
    """Bring the database to what the schema files say; changes nothing where it is already so."""
    with transaction.atomic(), connection.cursor() as cursor:
        for path in files():
            cursor.execute(path.read_text())
