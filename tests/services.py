"""PostgreSQL and Valkey of a test run: started when DATABASE_URL is not set, gone when the run ends."""

import atexit
import os
import re
import secrets
import shutil
import tempfile
from pathlib import Path

from omnichannel.embedded import place
from omnichannel.embedded.postgres import FOR_TESTS, Postgres
from omnichannel.embedded.valkey import Valkey


def prepare() -> None:
    """Set the environment that the settings read. Workers of xdist inherit the controller's servers."""
    if not os.environ.get("DATABASE_URL"):
        start()
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(32))
    os.environ.setdefault("ALLOWED_HOSTS", "*")
    os.environ.setdefault("SANDBOX", "1")
    os.environ.setdefault("DEBUG", "0")
    worker = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
    if worker:  # each worker its own broker, as pytest-django gives each its own database
        base, _, _number = os.environ["REDIS_URL"].rpartition("/")
        os.environ["REDIS_URL"] = f"{base}/{int(worker[1]) + 1}"


def start() -> None:
    """Start both servers in folders of their own, and make sure that they end with us."""
    home = place.temporary_home()
    local = Path(tempfile.mkdtemp(prefix="omnichannel-run-"))
    postgres = Postgres(home, secrets.token_urlsafe(24), local / "postgres.log", FOR_TESTS)
    valkey = Valkey(local, local / "valkey.log")

    def stop() -> None:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(local, ignore_errors=True)

    atexit.register(stop)
    postgres.start()
    valkey.start()
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["REDIS_URL"] = valkey.url
    os.environ["OMNICHANNEL_LOCAL"] = str(local)
