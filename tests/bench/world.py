"""The big shop in a PostgreSQL of its own, with the settings of the product; one for all benches of a run."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from django.db import connection
from environ import Env

from omnichannel.embedded import place
from omnichannel.embedded.postgres import Postgres
from tests.bench.shop import EVENT_COLUMNS, IDENTITY_COLUMNS, PROFILE_COLUMNS, SEEN_COLUMNS, Shop
from tests.product import ROOT

SCALE: Final = os.environ.get("SCALE", "small")
PEOPLE: Final = {"small": 100_000, "full": 1_000_000}[SCALE]
EVENTS: Final = 10 * PEOPLE
ROOM: Final = 12_000 * PEOPLE  # bytes of disk
LOCAL: Final = ROOT / ".local"


@dataclass(frozen=True, slots=True)
class World:
    """Where it is, and how long filling it took."""

    url: str
    seconds: float


@contextmanager
def world() -> Iterator[World]:
    """A filled database, gone at the end. `BENCH_DATABASE_URL` names one that an earlier `fill` left."""
    if given := os.environ.get("BENCH_DATABASE_URL"):
        yield World(given, 0)
        return
    LOCAL.mkdir(exist_ok=True)
    free = shutil.disk_usage(LOCAL).free
    assert free > ROOM, f"{SCALE} needs {ROOM >> 20} MB of disk, {free >> 20} MB are free"
    home = place.temporary_home()
    server = Postgres(home, secrets.token_urlsafe(24), LOCAL / "bench-postgres.log")
    try:
        server.start()
        yield World(server.url, fill(server.url))
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def connected(url: str) -> Iterator[None]:
    """Django's connection leads there."""
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(Env.db_url_config(url, engine="django.db.backends.postgresql"))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def fill(url: str) -> float:
    """Migrate, copy everything into the product's tables with their indexes in place; how long the copying took."""
    env = {**os.environ, "DATABASE_URL": url}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True)
    shop = Shop(PEOPLE, EVENTS)
    start = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SET synchronous_commit = off")
        _copy(db, f"profiles_event ({EVENT_COLUMNS})", shop.events())
        _copy(db, f"profiles_profile ({PROFILE_COLUMNS})", shop.profiles())
        _copy(db, f"profiles_lastseen ({SEEN_COLUMNS})", shop.seen())
        _copy(db, f"profiles_identity ({IDENTITY_COLUMNS})", shop.identities())
        db.execute("SELECT setval(pg_get_serial_sequence('profiles_profile', 'id'), max(id)) FROM profiles_profile")
        db.execute("VACUUM (ANALYZE) profiles_event, profiles_profile, profiles_lastseen, profiles_identity")
        db.execute("CHECKPOINT")
        (counted,) = db.execute("SELECT count(*) FROM profiles_event").fetchall()
        assert counted == (EVENTS,)
    return time.perf_counter() - start


def _copy(db: "psycopg.Connection[tuple[object, ...]]", into: str, lines: Iterator[str]) -> None:
    """In chunks: one row at a time would spend the time on calls."""
    with db.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        chunk: list[str] = []
        for line in lines:
            chunk.append(line)
            if len(chunk) == 2_000:
                copy.write("".join(chunk))
                chunk.clear()
        copy.write("".join(chunk))


def sizes(url: str) -> dict[str, int]:
    """MB of each big table with its indexes."""
    asked = (
        "SELECT relname, pg_total_relation_size(oid) >> 20 FROM pg_class WHERE relkind = 'r' AND relname ~ '^profiles'"
    )
    with psycopg.connect(url) as db:
        return {str(name): int(size) for name, size in db.execute(asked).fetchall() if size}
