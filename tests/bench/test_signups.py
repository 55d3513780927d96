"""Signups to mail: people sign up in one go over HTTP; how fast do their first e-mails reach an SMTP server?

Measured over the whole product as `make run` starts it: web, workers, sender, on one machine with the load and the
mail server. `parcelvoy` is what the closest open peer reached on the same two cores.
"""

import os
import time
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.bench.results import note
from tests.bench.sink import sink, taken
from tests.product import Product, product, wait_for

pytestmark = pytest.mark.bench

PARCELVOY = 67
PEOPLE = {"small": 20_000, "full": 100_000}[os.environ.get("SCALE", "small")]
SETUP = """
from omnichannel.shared import clock
from tests import builders
builders.account("smtp", host="127.0.0.1", port={port}, security="none", from_address="a@shop.example", connections=2)
builders.journey('''
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> rest
    rest: delay(amount=2, unit="days") -> done
    done: exit()
''', name="Bench", at=clock.now())
"""


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


def latency(running: Product, port: int, number: int = 40) -> list[float]:
    """Seconds from the start of a signup's request to its mail at the SMTP server, one at a time, sorted."""
    took = []
    auth = (running.facts["write key"], "")
    with httpx.Client(base_url=running.url, auth=auth, timeout=60) as client:
        for i in range(number):
            before, start = taken(port)[0], time.time()
            who = {"userId": f"single-{i}"}
            calls = [
                {"type": "identify", "messageId": str(uuid4()), "traits": {"email": f"s{i}@people.example"}, **who},
                {"type": "track", "messageId": str(uuid4()), "event": "Signed Up", **who},
            ]
            client.post("/v1/batch", json={"batch": calls})
            wait_for(lambda before=before: taken(port)[0] > before, 20, "the mail")
            took.append(taken(port)[1] - start)
    return sorted(took)


def test_signups(tmp_path: Path) -> None:
    with sink() as port, product(tmp_path / "local") as running:
        running.manage("shell", "-c", SETUP.format(port=port))
        single = latency(running, port)
        before = taken(port)[0]
        start = time.time()
        sign_up(running, PEOPLE)
        accepted = time.time()
        wait_for(lambda: taken(port)[0] >= before + PEOPLE, 600, f"{PEOPLE} mails")
        count, last = taken(port)
        assert count == before + PEOPLE
    note(
        "signups",
        {
            "unit": "mails/s",
            "ours": round(PEOPLE / (last - start), 1),
            "parcelvoy": PARCELVOY,
            "people": PEOPLE,
            "accepted_s": round(accepted - start, 2),
            "all_mails_s": round(last - start, 2),
        },
    )
    note(
        "signup_latency",
        {
            "unit": "ms",
            "ours": round(single[len(single) // 2] * 1000),
            "p95": round(single[int(len(single) * 0.95)] * 1000),
            "limit_p95": 2000,
        },
    )
