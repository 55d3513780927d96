"""The `.local` folder of one checkout: its lock, its secrets, and what a killed run left behind."""

import contextlib
import fcntl
import json
import os
import secrets
import time
from pathlib import Path
from typing import IO, Any

import psutil

from omnichannel.embedded.place import EmbeddedError

ROOT = Path(__file__).resolve().parent.parent.parent


class Checkout:
    """Paths in `.local`. Secrets are files that only their owner reads."""

    def __init__(self, local: Path | None = None) -> None:
        self.local = (local or Path(os.environ.get("OMNICHANNEL_LOCAL", ROOT / ".local"))).resolve()
        self.run = self.local / "run"
        self.log = self.local / "log"
        self.env_file = self.run / "env.json"
        self._lock: IO[str] | None = None
        try:
            self.local.mkdir(mode=0o711, parents=True, exist_ok=True)
            for folder in (self.run, self.log):
                folder.mkdir(mode=0o700, exist_ok=True)
                if not os.access(folder, os.W_OK):
                    raise PermissionError
        except PermissionError:
            raise EmbeddedError(
                f"{self.local} belongs to another account. Run as that account, or remove it."
            ) from None

    def lock(self) -> bool:
        """Become the one run of this checkout; False where another holds it. The kernel frees it however we end."""
        lock = (self.run / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        self._end_orphans()
        self.env_file.unlink(missing_ok=True)
        return True

    def secret(self, name: str) -> str:
        """A generated secret that stays the same from start to start."""
        path = self.local / f"{name}.secret"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

    def publish(self, env: dict[str, str]) -> None:
        """Tell other commands in this checkout (`manage.py`, a shell) where the services are."""
        write_private(self.env_file, json.dumps(env, indent=1))

    def published(self) -> dict[str, str] | None:
        """What a running instance has told, if any."""
        if not self.env_file.exists():
            return None
        env: dict[str, str] = json.loads(self.env_file.read_text())
        return env

    def note_children(self, pids: list[int]) -> None:
        """Write down whom we started, so that a start after a crash can end those whom no kernel ended."""
        noted = []
        for pid in pids:
            with contextlib.suppress(psutil.NoSuchProcess):
                noted.append({"pid": pid, "started": psutil.Process(pid).create_time()})
        write_private(self.run / "children.json", json.dumps(noted))

    def _end_orphans(self) -> None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            end_all(json.loads((self.run / "children.json").read_text()))


def end_all(noted: list[dict[str, Any]]) -> None:
    """End the noted processes and their process groups, unless the number now belongs to another process."""
    living = []
    for entry in noted:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(entry["pid"])
            if abs(process.create_time() - entry["started"]) < 1:
                process.terminate()
                living.append(process)
    psutil.wait_procs(living, timeout=5)
    for process in living:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, 9)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.rename(path)
