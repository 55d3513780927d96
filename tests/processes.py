"""Real processes for the tests that kill them or let them race.

They are forked from one that has imported the product already: importing takes seconds, what they do mostly less.
"""

import importlib
import multiprocessing
import os
import tempfile
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.product import wait_for
from tests.waiting import sessions

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.preloaded"])
barrier, queue = _context.Barrier, _context.SimpleQueue


class Running:
    """A process at work, and what it complains of."""

    def __init__(self, process: ForkServerProcess, stderr: Path) -> None:
        self.process, self._stderr = process, stderr

    def wait(self, seconds: float = 120) -> int:
        """Its exit code, negative for the signal that ended it.

        What it held in PostgreSQL is free then: the server hears a little later than we do that somebody was killed.
        """
        self.process.join(seconds)
        assert self.process.exitcode is not None, f"not done after {seconds} s\n{self.complaints()}"
        wait_for(lambda: not sessions(_name(self.process.pid)), seconds, "its sessions have ended")
        return self.process.exitcode

    def kill(self) -> None:
        """At once, as by kill -9."""
        self.process.kill()

    def complaints(self) -> str:
        """All that it has written to its standard error."""
        return self._stderr.read_text()


def start(env: Mapping[str, str], module: str, *args: Any, failpoint: str = "") -> Running:
    """Run `main(*args)` of a module in a process of its own that works on the database of `process_env`.

    The first one starts the process that all are forked from; that one keeps its environment.
    """
    number, path = tempfile.mkstemp(prefix="omnichannel-process-", dir=env["OMNICHANNEL_LOCAL"])
    os.close(number)
    process = _context.Process(target=_run, args=(path, module, args, failpoint))
    with patch.dict(os.environ, env):
        process.start()
    return Running(process, Path(path))


def _name(pid: int | None) -> str:
    """What a process is called in PostgreSQL."""
    return f"test process {pid}"


def _run(stderr: str, module: str, args: tuple[Any, ...], failpoint: str) -> None:
    from omnichannel.shared import failpoints

    os.environ["PGAPPNAME"] = _name(os.getpid())
    os.dup2(os.open(stderr, os.O_WRONLY | os.O_APPEND), 2)
    failpoints.arm(failpoint)
    importlib.import_module(module).main(*args)
