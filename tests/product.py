"""The whole product as its users start it, for tests and benchmarks that look at it from outside."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path
from typing import Any

import httpx
import psutil
from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parent.parent
OWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "SANDBOX", "DEBUG", "PUBLIC_URL", "HTTPS")


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for(what: Callable[[], Any], seconds: float, why: str) -> Any:
    """Poll `what` until it is true; AssertionError with `why` and its last value when time is over."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {why} (last: {value!r})")
        time.sleep(0.05)


class MailServer:
    """A real SMTP server on loopback that keeps what it was given, in order."""

    def __init__(self) -> None:
        self.received: list[tuple[float, str, bytes]] = []
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        for to in envelope.rcpt_tos:
            self.received.append((time.time(), to, bytes(envelope.content)))
        return "250 2.0.0 taken"

    def __enter__(self) -> "MailServer":
        self._controller.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._controller.stop()

    def mails(self, subject: str | None = None) -> list[tuple[str, EmailMessage]]:
        """What came, parsed: (recipient, message), all or those with one subject."""
        parsed = [(to, BytesParser(EmailMessage, policy=SMTP).parsebytes(raw)) for _, to, raw in list(self.received)]
        return [(to, mail) for to, mail in parsed if subject is None or mail["Subject"] == subject]


class Product:
    """`make run` without make: the supervisor as a process, over a data folder of its own."""

    def __init__(self, local: Path, *, demo: bool = False) -> None:
        self.local, self.port = local, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {k: v for k, v in os.environ.items() if k not in OWN}
        self.env |= {
            "OMNICHANNEL_LOCAL": str(local),
            "DEMO": "1" if demo else "0",
            "PYTHONUNBUFFERED": "1",
        }
        self.facts: dict[str, str] = {}
        self.output: list[str] = []

    def start(self, seconds: float = 300) -> None:
        """Start and wait until it says that it is ready, with its login and keys."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "omnichannel.embedded", "run", "--port", str(self.port)],
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        wait_for(lambda: "api key" in self.facts or self.process.poll() is not None, seconds, "the product is ready")
        assert self.process.poll() is None, "".join(self.output[-40:])

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self.output.append(line)
                if found := re.match(r"(login|password|write key|api key):\s*(\S+)", line.strip()):
                    self.facts[found[1]] = found[2]

    def stop(self) -> None:
        """Ctrl-C, then wait."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def forget(self) -> None:
        """Remove its data, which for root may lie outside of `local`."""
        command = [sys.executable, "-m", "omnichannel.embedded", "reset"]
        subprocess.run(command, cwd=ROOT, env=self.env, check=True, stdout=subprocess.DEVNULL)

    def api(self) -> httpx.Client:
        """A client of the management API."""
        headers = {"Authorization": f"Bearer {self.facts['api key']}"}
        return httpx.Client(base_url=f"{self.url}/api", headers=headers, timeout=30)

    def manage(self, *args: str, stdin: str = "") -> str:
        """One management command beside the running product; its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def processes(self, word: str) -> list[psutil.Process]:
        """The processes below the supervisor whose command line holds `word`."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [process for process in below if word in _command(process)]


def _command(process: psutil.Process) -> str:
    """Its command line; empty for one that ends just now."""
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


@contextmanager
def product(local: Path, *, demo: bool = False) -> Iterator[Product]:
    """A running product, stopped at the end."""
    running = Product(local, demo=demo)
    try:
        running.start()
        yield running
    finally:
        running.stop()
        running.forget()
