"""Whether this installation works: what load balancers and `make run` ask."""

from typing import Final

import redis
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from omnichannel.shared import broker

BEAT_KEY: Final = "omnichannel:beat"
BEAT_SECONDS: Final = 60  # the heartbeat comes every two seconds, later when all workers are busy


def heartbeat() -> None:
    """Called by the task that beat schedules: so the key says that beat, broker and a worker are alive."""
    broker.client().set(BEAT_KEY, "1", ex=BEAT_SECONDS)


def check() -> dict[str, str]:
    """Each part with "ok" or what is wrong."""
    parts = {"database": _database()}
    parts["migrations"] = _migrations() if parts["database"] == "ok" else "unknown"
    return parts | _broker_and_beat()


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return "not reachable"
    return "ok"


_migrated = False


def _migrations() -> str:
    """Reads the migration files until they are all applied; after that the answer cannot change in this process."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "ok" if _migrated else "not applied: run manage.py migrate"


def _broker_and_beat() -> dict[str, str]:
    try:
        alive = broker.client().exists(BEAT_KEY)
    except redis.RedisError:
        return {"broker": "not reachable", "beat": "unknown"}
    return {"broker": "ok", "beat": "ok" if alive else "silent: is a beat and a worker running?"}
