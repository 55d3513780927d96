"""Workers of one test run share servers, never data."""

import os

import redis
from django.conf import settings
from django.db import connection

from omnichannel.shared import broker


def test_database_and_broker_are_this_workers_own(db: None, valkey: redis.Redis) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    assert connection.settings_dict["NAME"] == "test_omnichannel" + (f"_{worker}" if worker else "")
    number = int(worker.removeprefix("gw")) + 1 if worker else 0
    assert settings.REDIS_URL.endswith(f"/{number}")
    broker.client().set("mark", "mine")
    assert valkey.get("mark") == b"mine"
