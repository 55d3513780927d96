"""Statements that run with their parameters apart: the server knows every type from the text, whatever Python gives."""

import re
from pathlib import Path

import pytest
from django.db import connection

from omnichannel.shared import sql

ROOT = Path(__file__).parents[2]
PARAMETER = re.compile(r"%\((\w+)\)s")
OTHERS = ("COPY", "SET", "ALTER", "DROP")  # take no parameters, and are no statements to PREPARE
# What the building of a segment makes before it runs some of these.
TEMPORARY = "CREATE TEMP TABLE difference (shard int, id bigint, enters boolean)"


def files() -> list[Path]:
    """The files of statements of the modules that run them so."""
    found: set[Path] = set()
    for app in ("journeys", "profiles"):
        for module in (ROOT / app).rglob("*.py"):
            text = module.read_text()
            loaded = re.search(r'sql\.load\(.*/ "(\w+\.sql)"\)', text)
            if "sql.bound()" in text and loaded:
                found.add(ROOT / app / "sql" / loaded[1])
    return sorted(found)


@pytest.mark.django_db
def test_the_server_knows_the_type_of_every_parameter() -> None:
    assert len(files()) >= 16
    with connection.cursor() as cursor:
        cursor.execute(TEMPORARY)
        for file in files():
            for name, text in sql.load(file).items():
                words = [line for line in text.splitlines() if not line.startswith("--")]
                if words[0].startswith(OTHERS):
                    continue
                names = list(dict.fromkeys(PARAMETER.findall(text)))
                numbered = PARAMETER.sub(lambda one, names=names: f"${names.index(one[1]) + 1}", text)  # type: ignore[misc]
                cursor.execute(f"PREPARE tried AS {numbered.replace('%%', '%')}")
                cursor.execute("SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'tried'")
                assert len(cursor.fetchone()[0]) == len(names), (file.name, name)
                cursor.execute("DEALLOCATE tried")
