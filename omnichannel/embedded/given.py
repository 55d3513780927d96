"""Looks at the servers that DATABASE_URL and REDIS_URL name before anything relies on them, and says what is wrong.

Without this, each of our processes would complain in its own log, as a traceback.
"""

from typing import Any, Final
from urllib.parse import urlsplit

import environ
import psycopg
import redis

from omnichannel.embedded.place import EmbeddedError

OLDEST_POSTGRES: Final = 16
PATIENCE: Final = 10  # seconds
FORMS: Final = {
    "DATABASE_URL": (("postgres", "postgresql"), "postgres://user:password@host:5432/database"),
    "REDIS_URL": (("redis", "rediss", "unix"), "redis://:password@host:6379/0"),
}


def check_database(url: str) -> None:
    """Reachable, lets us in, new enough, and a place where tables can be made."""
    check_form("DATABASE_URL", url)
    try:
        with psycopg.connect(**arguments(url), connect_timeout=PATIENCE) as connection:
            version = connection.info.server_version // 10_000
            row = connection.execute(
                "SELECT current_setting('server_encoding'), coalesce(has_schema_privilege(current_schema(), 'CREATE'),"
                " false), pg_is_in_recovery()"
            ).fetchone()
    except (psycopg.Error, UnicodeError) as error:
        raise EmbeddedError(f"DATABASE_URL: PostgreSQL at {where(url)} cannot be used: {brief(error)}") from None
    assert row is not None  # noqa: S101 - for the type checker
    encoding, writable, replica = row
    if version < OLDEST_POSTGRES:
        problem = f"is version {version}; {OLDEST_POSTGRES} or newer is needed."
    elif encoding != "UTF8":
        problem = f"holds a database in {encoding}; one in UTF8 is needed (CREATE DATABASE … ENCODING 'UTF8')."
    elif replica:
        problem = "is a read-only replica. Name the primary server."
    elif not writable:
        problem = "does not let this account make tables. Make it the owner of the database."
    else:
        return
    raise EmbeddedError(f"DATABASE_URL: PostgreSQL at {where(url)} {problem}")


def check_broker(url: str) -> None:
    """Reachable and lets us in."""
    check_form("REDIS_URL", url)
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE)
        try:
            client.ping()
        finally:
            client.close()
    except (redis.RedisError, ValueError, OSError) as error:
        raise EmbeddedError(f"REDIS_URL: Valkey or Redis at {where(url)} cannot be used: {brief(error)}") from None


def check_form(name: str, url: str) -> None:
    """Whether it is an address at all."""
    schemes, example = FORMS[name]
    try:
        parts = urlsplit(url)
        understood = parts.scheme in schemes and parts.port != 0
    except ValueError:
        understood = False
    if not understood or (name == "DATABASE_URL" and len(parts.path) < 2):
        raise EmbeddedError(f"{name} is not understood. It looks like this: {example}")


def arguments(url: str) -> dict[str, Any]:
    """What Django will connect with."""
    config = environ.Env.db_url_config(url)
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    found = {ours: config[theirs] for ours, theirs in named.items() if config.get(theirs)}
    return {**found, **config.get("OPTIONS", {})}


def where(url: str) -> str:
    """The address without user and password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] + parts.path


def brief(error: Exception) -> str:
    """The last line that says something: the first is often only where, and hints follow indented."""
    lines = [line for line in str(error).splitlines() if line and not line.startswith("\t")]
    line = lines[0] if lines else type(error).__name__
    return line.rpartition("failed: ")[2].removeprefix("FATAL:").strip()
