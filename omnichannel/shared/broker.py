"""The connection to Valkey, for notes between processes that are quicker than rows and may be lost."""

from functools import cache

import redis
from django.conf import settings


@cache
def client() -> "redis.Redis":
    """One pooled client per process."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=10, socket_connect_timeout=5)
