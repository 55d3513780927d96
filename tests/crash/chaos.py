"""Everything that can go wrong with the parts of a running product, one thing after the other, by a seed."""

import contextlib
import json
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import redis

from omnichannel.embedded.programs import CELERY
from tests.product import ROOT, Product

KILLED = ("worker-1@", "worker-2@", "sender-1@", "sender-2@", " beat ", "granian", "bin/postgres -D", "valkey-server")
OTHERS = ("flush", "hang", "forward", "back")


class Chaos:
    """Each thing happens once before anything happens twice. `did` tells in which order, for who looks into a failure.

    `down`: how many seconds Valkey does not answer at a time.
    """

    def __init__(self, product: Product, seed: int, down: float) -> None:
        self.product, self.rng, self.down = product, random.Random(seed), down
        self.env: dict[str, str] = json.loads((Path(product.local) / "run" / "env.json").read_text())
        self.did: list[str] = []
        self._end = threading.Event()

    def round(self, pause: float) -> None:
        """Everything once, in an order of its own."""
        deeds = [*KILLED, *OTHERS]
        self.rng.shuffle(deeds)
        for deed in deeds:
            if self._end.wait(pause * self.rng.uniform(0.5, 1.5)):
                return
            self.did.append(deed)
            with contextlib.suppress(psutil.NoSuchProcess, redis.RedisError, psycopg.OperationalError):
                self.do(deed)

    def do(self, deed: str) -> None:
        """One of them."""
        match deed:
            case "flush":
                redis.Redis.from_url(self.env["REDIS_URL"]).flushall()
            case "hang":
                for process in self.product.processes("valkey-server"):
                    process.suspend()
                time.sleep(self.down)
                for process in self.product.processes("valkey-server"):
                    process.resume()
            case "forward" | "back":
                travel(self.env["DATABASE_URL"], 3_600 if deed == "forward" else 0)
            case word:
                for process in self.product.processes(word):
                    if process.ppid() == self.product.process.pid:
                        process.send_signal(signal.SIGKILL)

    @contextmanager
    def going_on(self, rounds: int, pause: float) -> Iterator[None]:
        """Meanwhile."""

        def run() -> None:
            for _ in range(rounds):
                self.round(pause)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
            thread.join()
        finally:
            self._end.set()
            thread.join()

    @contextmanager
    def second_beat(self) -> Iterator[None]:
        """Two that say what time it is."""
        schedule = str(Path(self.product.local) / "second-beat")
        command = [*CELERY, "beat", "--schedule", schedule, "--pidfile=", "--loglevel=ERROR"]
        env = {**self.product.env, **self.env}
        beat = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            beat.kill()
            beat.wait()


def travel(url: str, seconds: float) -> None:
    """Set how far the product's clock is ahead of the machine's: it leaps, also back."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as db:
        db.execute(
            "INSERT INTO shared_clockoffset (id, seconds) VALUES (1, %(s)s)"
            " ON CONFLICT (id) DO UPDATE SET seconds = %(s)s",
            {"s": seconds},
        )
