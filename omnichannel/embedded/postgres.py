"""An embedded PostgreSQL server: made at the first start, mended after a crash, reached by password on loopback."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psutil
import psycopg

from omnichannel.embedded import place
from omnichannel.embedded.child import Child, as_servant
from omnichannel.embedded.place import EmbeddedError

USER: Final = "omnichannel"
DATABASE: Final = "omnichannel"
EXTENSIONS: Final = ("pg_trgm", "btree_gin")
MEGABYTES: Final = psutil.virtual_memory().total >> 20
SETTINGS: Final = {
    # Indexes that take in random keys have to stay in memory; an eighth leaves room for everything else.
    "shared_buffers": f"{min(max(MEGABYTES // 8, 256), 8192)}MB",
    "effective_cache_size": f"{MEGABYTES // 2}MB",
    "work_mem": "32MB",  # counting a segment groups people by the hundred thousand
    "random_page_cost": "1.1",
    "synchronous_commit": "on",
    # Compressing whole pages after each checkpoint costs more than writing them: a half of what COPY reaches.
    "wal_compression": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
# A test database need not survive a power cut.
FOR_TESTS: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "128MB"}
INITDB: Final = [
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
]
START_TIMEOUT: Final = 60.0


def free_port() -> int:
    """A TCP port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """One server over the folder `home`, which it owns."""

    def __init__(self, home: Path, password: str, log: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.data = home / "data"
        self.password = password
        self.log = log
        self.settings = {**SETTINGS, **(settings or {})}
        self.port = 0
        self.programs = place.programs()
        self.child: Child | None = None

    @property
    def url(self) -> str:
        """DATABASE_URL of this server."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The address of one database on this server."""
        return f"postgres://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, whatever state the last run was left in. Keeps its port when started again."""
        if not self.data.exists():
            self._create()
        self._end_orphans()
        for _attempt in range(5):
            self.port = self.port or free_port()
            self.child = self._child()
            self.child.start()
            if self._wait():
                break
            if "could not bind" not in self.child.last_words(5):
                raise EmbeddedError(f"PostgreSQL did not start:\n{self.child.last_words()}")
            self.port = 0
        else:
            raise EmbeddedError("PostgreSQL found no free port on 127.0.0.1.")
        self._ensure_database()

    def alive(self) -> bool:
        """Whether the server runs."""
        return self.child is not None and self.child.alive()

    def stop(self) -> None:
        """A fast shutdown: connections are cut, everything is on disk."""
        if self.child:
            self.child.stop(timeout=30)

    def _child(self) -> Child:
        settings = {
            **self.settings,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": str(self.port),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Child(
            "postgres",
            [self.programs / "postgres", "-D", self.data, *options],
            log=self.log,
            env=self._env(),
            cwd=self.home,
            servant=place.servant(),
            stop_signal=signal.SIGINT,
        )

    @staticmethod
    def _env() -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

    def _create(self) -> None:
        """initdb into a folder beside, renamed when complete: an interrupted first start leaves nothing half made."""
        fresh, secret = self.home / "data.new", self.home / "secret"
        shutil.rmtree(fresh, ignore_errors=True)
        servant = place.servant()
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if servant:
            os.chown(secret, servant.pw_uid, servant.pw_gid)
        command = [str(self.programs / "initdb"), "-D", str(fresh), "-U", USER, f"--pwfile={secret}", *INITDB]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                cwd=self.home,
                env=self._env(),
                capture_output=True,
                text=True,
                check=False,
                **as_servant(servant),
            )
            if done.returncode:
                raise EmbeddedError(f"PostgreSQL's initdb failed:\n{done.stderr or done.stdout}")
        finally:
            secret.unlink()
        fresh.rename(self.data)

    def _wait(self) -> bool:
        """True when the server answers, False when it ended."""
        assert self.child is not None  # noqa: S101 - for the type checker
        deadline = time.monotonic() + START_TIMEOUT
        while self.child.alive():
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url_of("postgres"), connect_timeout=5).close()
                return True
            if time.monotonic() > deadline:
                self.child.stop()
                return False
            time.sleep(0.05)
        return False

    def _ensure_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as admin:
            known = {row[0] for row in admin.execute("SELECT datname FROM pg_database")}
            if DATABASE in known:
                return
            with psycopg.connect(self.url_of("template1"), autocommit=True) as template:
                for extension in EXTENSIONS:  # into the template, so that test databases have them too
                    template.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
            admin.execute(f"CREATE DATABASE {DATABASE}")

    def _end_orphans(self) -> None:
        """End servers that a killed run left over our data, and forget a lock file whose process is another's."""
        orphans = list(self._processes())
        for process in orphans:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGINT)
        _, stubborn = psutil.wait_procs(orphans, timeout=10)
        for process in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(stubborn, timeout=5)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _processes(self) -> list[psutil.Process]:
        """Everything that works in our data folder: a PostgreSQL process makes it its current directory."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.name().startswith("postgres") and Path(process.cwd()) == self.data.resolve():
                    found.append(process)
        return found
