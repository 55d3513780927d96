"""One child process that dies with its parent, in a process group of its own so that nothing of it stays behind."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

PR_SET_PDEATHSIG: Final = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def dies_with_parent(death_signal: int) -> Callable[[], None] | None:
    """What the child runs before exec: Linux then signals it when our process is gone, even by kill -9."""
    if _libc is None:
        return None
    parent, libc = os.getpid(), _libc

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # we died between fork and here
            os._exit(1)

    return ask


def die_with_parent() -> None:
    """End this process, as by SIGTERM, when the one that started it is gone."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A command with its log file. `start` may be called again after it died."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str],
        cwd: Path,
        servant: pwd.struct_passwd | None = None,
        stop_signal: int = signal.SIGTERM,
        stdin: bytes = b"",
    ) -> None:
        self.name = name
        self.argv = [str(part) for part in argv]
        self.log = log
        self.env = dict(env)
        self.cwd = cwd
        self.servant = servant
        self.stop_signal = stop_signal
        self.stdin = stdin
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0

    @property
    def pid(self) -> int:
        """The process id; 0 before the first start."""
        return self.process.pid if self.process else 0

    def start(self) -> None:
        """Start the process. Must be called from the main thread: the kernel watches the thread that forks."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command lines
                self.argv,
                stdin=subprocess.PIPE if self.stdin else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.env,
                cwd=self.cwd,
                start_new_session=True,
                preexec_fn=dies_with_parent(self.stop_signal),
                **as_servant(self.servant),
            )
        self.started_at = time.monotonic()
        if self.process.stdin:
            self.process.stdin.write(self.stdin)
            self.process.stdin.close()

    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self, timeout: float = 10) -> None:
        """Ask it to end, then make it and whatever it started end."""
        self.ask_to_stop()
        self.wait_stopped(timeout)

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once, so that several children can end side by side."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def wait_stopped(self, timeout: float) -> None:
        """Wait for the end, by force after `timeout` seconds, and sweep up its process group."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout)
        self.sweep()
        self.process.wait()

    def sweep(self) -> None:
        """Kill what is left of the process group, the grandchildren of a killed child among them."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self, lines: int = 15) -> str:
        """The end of the log, for an error message."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def as_servant(servant: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments for subprocess that give up root for the account `servant`."""
    if servant is None:
        return {}
    return {"user": servant.pw_uid, "group": servant.pw_gid, "extra_groups": []}
