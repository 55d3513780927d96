"""Signups to mail: N people sign up in one go over HTTP; how fast do their first e-mails reach an SMTP server?

Measured over the whole product as `make run` starts it: web, workers, sender, on one machine with the load and the
mail server. `python -m tests.bench.signups [N]` prints and adds to `.local/bench.json`.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from tests.product import ROOT, Product, free_port, product, wait_for

PARCELVOY = 67  # first mails a second of the closest open peer on the same two cores
SETUP = """
from datetime import datetime
from django.utils import timezone
from omnichannel.shared import clock
from tests import builders
builders.account("smtp", host="127.0.0.1", port={port}, security="none", from_address="a@shop.example")
builders.journey('''
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> rest
    rest: delay(amount=2, unit="days") -> done
    done: exit()
''', name="Bench", at=clock.now())
"""
SINK = """
import asyncio, sys, time
times = []
class Sink(asyncio.Protocol):
    def connection_made(self, t): self.t, self.data, self.body = t, b"", False; t.write(b"220 sink\\r\\n")
    def data_received(self, more):
        self.data += more
        while True:
            if self.body:
                end = self.data.find(b"\\r\\n.\\r\\n")
                if end < 0: return
                self.data, self.body = self.data[end + 5:], False
                times.append(time.time()); self.t.write(b"250 taken\\r\\n"); continue
            line, found, rest = self.data.partition(b"\\r\\n")
            if not found: return
            self.data = rest
            word = line[:4].upper()
            if word == b"DATA": self.body = True; self.t.write(b"354 go\\r\\n")
            elif word == b"EHLO": self.t.write(b"250-sink\\r\\n250 8BITMIME\\r\\n")
            elif word == b"QUIT": self.t.write(b"221 bye\\r\\n"); self.t.close()
            else: self.t.write(b"250 ok\\r\\n")
class Count(asyncio.Protocol):
    def connection_made(self, t):
        t.write(f"{len(times)} {times[0] if times else 0} {times[-1] if times else 0}".encode()); t.close()
async def main():
    loop = asyncio.get_running_loop()
    await loop.create_server(Sink, "127.0.0.1", int(sys.argv[1]))
    await loop.create_server(Count, "127.0.0.1", int(sys.argv[2]))
    await asyncio.Event().wait()
asyncio.run(main())
"""


class Sink:
    """A bare SMTP server in a process of its own, cheap enough not to be what is measured."""

    def __init__(self) -> None:
        self.port, self.count_port = free_port(), free_port()

    def read(self) -> tuple[int, float, float]:
        """Mails taken, time of the first, time of the last."""
        number, first, last = asyncio.run(self._read()).split()
        return int(number), float(first), float(last)

    async def _read(self) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.count_port)
        text = (await reader.read()).decode()
        writer.close()
        return text


@contextmanager
def sink() -> Iterator[Sink]:
    """A running sink."""
    server = Sink()
    process = subprocess.Popen([sys.executable, "-c", SINK, str(server.port), str(server.count_port)])
    try:
        wait_for(lambda: _answers(server), 10, "the sink answers")
        yield server
    finally:
        process.kill()
        process.wait()


def _answers(server: Sink) -> bool:
    try:
        server.read()
    except OSError:
        return False
    return True


def sign_up(running: Product, number: int, batch: int = 100) -> None:
    """`number` new people sign up, in batches, over kept connections."""
    auth = (running.facts["write key"], "")
    with httpx.Client(base_url=running.url, auth=auth, timeout=60) as client:
        for start in range(0, number, batch):
            calls = []
            for i in range(start, min(start + batch, number)):
                who = {"userId": f"bench-{i}"}
                traits = {"email": f"p{i}@people.example", "firstName": f"Person {i}"}
                calls.append({"type": "identify", "messageId": str(uuid4()), "traits": traits, **who})
                calls.append({"type": "track", "messageId": str(uuid4()), "event": "Signed Up", **who})
            answer = client.post("/v1/batch", json={"batch": calls})
            assert answer.status_code == 200, answer.text


def latency(running: Product, server: Sink, number: int = 40) -> list[float]:
    """Seconds from the start of a signup's request to its mail at the SMTP server, one at a time."""
    took = []
    auth = (running.facts["write key"], "")
    with httpx.Client(base_url=running.url, auth=auth, timeout=60) as client:
        for i in range(number):
            before, start = server.read()[0], time.time()
            who = {"userId": f"single-{i}"}
            calls = [
                {"type": "identify", "messageId": str(uuid4()), "traits": {"email": f"s{i}@people.example"}, **who},
                {"type": "track", "messageId": str(uuid4()), "event": "Signed Up", **who},
            ]
            client.post("/v1/batch", json={"batch": calls})
            wait_for(lambda b=before: server.read()[0] > b, 20, "the mail")
            took.append(server.read()[2] - start)
    return sorted(took)


def main(number: int) -> None:
    """Run, check the counts, print, note."""
    with tempfile.TemporaryDirectory() as folder, sink() as server, product(Path(folder) / "local") as running:
        running.manage("shell", "-c", SETUP.format(port=server.port))
        single = latency(running, server)
        before = server.read()[0]
        start = time.time()
        sign_up(running, number)
        accepted = time.time()
        wait_for(lambda: server.read()[0] >= before + number, 600, f"{number} mails")
        count, _, last = server.read()
        assert count == before + number, count
    result = {
        "unit": "mails/s",
        "ours": round(number / (last - start), 1),
        "parcelvoy": PARCELVOY,
        "signups": number,
        "accepted_s": round(accepted - start, 2),
        "all_mails_s": round(last - start, 2),
        "latency_p50_ms": round(single[len(single) // 2] * 1000),
        "latency_p95_ms": round(single[int(len(single) * 0.95)] * 1000),
    }
    print(json.dumps(result, indent=2))  # noqa: T201
    note("signups", result)


def note(name: str, result: dict[str, object]) -> None:
    """Add a result to `.local/bench.json`."""
    path = Path(os.environ.get("OMNICHANNEL_LOCAL", ROOT / ".local")) / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, name: result}, indent=2, sort_keys=True))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
