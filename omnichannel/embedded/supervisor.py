"""The process runner behind `make run`: starts everything in order, starts again what dies, leaves nothing behind."""

import argparse
import contextlib
import json
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from omnichannel.embedded import programs
from omnichannel.embedded.checkout import ROOT, Checkout
from omnichannel.embedded.child import Child, die_with_parent
from omnichannel.embedded.place import EmbeddedError
from omnichannel.embedded.services import Services

READY_TIMEOUT: Final = 150.0
LOG_LIMIT: Final = 10_000_000
POLL: Final = 0.2
CALM: Final = 10.0  # a process that lived that long starts again at once
SLOWEST: Final = 15.0


class Supervisor:
    """The children of one `make run`."""

    def __init__(self, args: argparse.Namespace, checkout: Checkout) -> None:
        self.args = args
        self.checkout = checkout
        self.services = Services(checkout, args.port)
        self.children: list[Child] = []
        self.due: dict[str, float] = {}  # when a dead child may start again
        self.deaths: dict[str, int] = {}
        self.watch = SourceWatch() if args.reload else None

    def start(self) -> None:
        """Servers, database, then the processes; returns when the web server says that all of it works."""
        if theirs := self.services.names(ours=False):
            say(f"Looking at your {theirs} …")
            self.services.check_given()
        if ours := self.services.names(ours=True):
            say(f"Starting {ours} …")
        self.services.start()
        env = self.services.env() | ({"DEBUG": "1"} if self.args.reload else {})
        self.prepare(env)
        self.children = [
            Child(name, argv, log=self.checkout.log / f"{name}.log", env=env, cwd=ROOT)
            for name, argv in programs.commands(self.args, self.checkout.local)
        ]
        for child in self.children:
            child.start()
        self.note()
        self.wait_ready()

    def prepare(self, env: dict[str, str]) -> None:
        """Migrate and, on the first start, make the demo account and load the demo shop."""
        first = not (self.checkout.local / "credentials.json").exists()
        say("Preparing the database and the demo shop (once, half a minute) …" if first else "Preparing the database …")
        argv = [sys.executable, "manage.py", "prepare"]
        child = Child("prepare", argv, log=self.checkout.log / "prepare.log", env=env, cwd=ROOT)
        self.children = [child]  # so that a signal ends it too
        child.start()
        assert child.process is not None  # noqa: S101 - for the type checker
        if child.process.wait():
            raise EmbeddedError(f"Preparing the database failed; all of it is in {child.log}\n{child.last_words(6)}")

    def wait_ready(self) -> None:
        """Until /readyz answers 200."""
        say("Starting web and workers …")
        deadline = time.monotonic() + READY_TIMEOUT
        answer = ""
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.args.port}/readyz", timeout=2) as response:
                    if response.status == 200:
                        return
            except urllib.error.HTTPError as error:
                answer = error.read(2000).decode(errors="replace")
            except OSError as error:
                answer = str(error)
            self.tend()
            time.sleep(POLL)
        raise EmbeddedError(f"Not ready after {READY_TIMEOUT:.0f} s: {answer}\nThe logs are in {self.checkout.log}")

    def run(self) -> None:
        """Watch over everything until a signal comes."""
        while True:
            time.sleep(POLL)
            self.tend()

    def tend(self) -> None:
        """One look at everything."""
        for name in self.services.restart_dead():
            say(f"{name} ended and was started again.")
            self.note()
        for child in self.children:
            if not child.alive():
                self.revive(child)
            if child.log.exists() and child.log.stat().st_size > LOG_LIMIT:
                rotate(child.log)
        if self.watch and self.watch.changed():
            say("The code changed: restarting the workers.")
            for child in self.children:
                if child.name in programs.RELOADED:
                    child.ask_to_stop()
                    self.deaths[child.name] = 0

    def revive(self, child: Child) -> None:
        """Start a dead child again: at once the first time, ever later when it keeps dying."""
        now = time.monotonic()
        if child.name not in self.due:
            child.sweep()
            calm = now - child.started_at > CALM
            self.deaths[child.name] = deaths = 0 if calm else self.deaths.get(child.name, 0) + 1
            self.due[child.name] = now + min(SLOWEST, 0.5 * (2**deaths - 1))
            if not self.args.reload:
                code = child.process.returncode if child.process else None
                say(f"{child.name} ended ({reason(code)}) and is started again; see {child.log}")
        if now >= self.due[child.name]:
            del self.due[child.name]
            child.start()
            self.note()

    def note(self) -> None:
        """Write down who runs."""
        self.checkout.note_children(self.services.pids + [child.pid for child in self.children if child.alive()])

    def stop(self) -> None:
        """Processes first, side by side; then the servers they need."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + 10
        for child in self.children:
            child.wait_stopped(max(0.1, deadline - time.monotonic()))
        self.services.stop()


class SourceWatch:
    """Tells when Python code changed, for `make dev`."""

    def __init__(self) -> None:
        self.seen = self.newest()

    @staticmethod
    def newest() -> float:
        """When the youngest source file was written."""
        packages = (ROOT / name for name in ("omnichannel", "profiles", "journeys"))
        return max(path.stat().st_mtime for package in packages for path in package.rglob("*.py"))

    def changed(self) -> bool:
        """Whether there is a younger file than last time."""
        before, self.seen = self.seen, self.newest()
        return self.seen > before


def run(args: argparse.Namespace) -> int:
    """`python -m omnichannel.embedded run`."""
    if args.with_parent:
        die_with_parent()
    check_port(args.host, args.port)
    checkout = Checkout()
    if not checkout.lock():
        raise EmbeddedError("Omnichannel already runs from this folder. Stop it first (Ctrl-C in its terminal).")
    supervisor = Supervisor(args, checkout)
    try:
        supervisor.start()
        greet(args.port, checkout.local)
        supervisor.run()
    except KeyboardInterrupt:
        say("Stopping …")
        return 0
    finally:
        supervisor.stop()
    return 0


def check_port(host: str, port: int) -> None:
    """Say so at once where somebody else listens."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise EmbeddedError(
                f"Port {port} cannot be used ({getattr(error, 'strerror', None) or error}). "
                f"Choose another one: make run PORT={port + 1 if 1023 < port < 65535 else 8001}"
            ) from None


def greet(port: int, local: Path) -> None:
    """The lines that a person, or a script, waits for."""
    say(f"Omnichannel is ready at http://127.0.0.1:{port}")
    if (local / "credentials.json").exists():  # the sandbox's demo account
        keys = json.loads((local / "credentials.json").read_text())
        for name in ("login", "password", "write key", "api key"):
            say(f"{name}: {keys[name]}")


def reason(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None or code >= 0:
        return f"exit code {code}"
    return signal.Signals(-code).name


def rotate(log: Path) -> None:
    """Keep one old copy and go on in the same file, which the child holds open for appending."""
    shutil.copyfile(log, log.with_suffix(".log.1"))
    with log.open("r+b") as file:
        file.truncate(0)


def say(line: str) -> None:
    """One line to the terminal, if there is still one."""
    with contextlib.suppress(OSError):
        print(line, flush=True)
