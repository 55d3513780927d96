"""Events a second over HTTP into the running product, against bare COPY and against one transaction for each event.

Everything is on: identities, dedupe, a hundred live segments' interests, a live journey, and the workers that follow
them, on the same machine as the load.
"""

import base64
import http.client
import json
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from profiles.models import Change, Event
from tests.bench.audiences import hundred, nothing_left, saved
from tests.bench.results import figures, note, table
from tests.bench.shop import CONTEXTS, EVENT_COLUMNS, Shop
from tests.bench.world import PEOPLE, SCALE, World
from tests.product import Product, wait_for

pytestmark = pytest.mark.bench
REPEATS = 3
BATCH = 100
CALLS = {"small": 20_000, "full": 60_000}[SCALE]
SINGLE = CALLS // 10
CONNECTIONS = 32
SEGMENTS = 20
JOURNEY = """
from omnichannel.shared import clock
from tests import builders
builders.account("sandbox")
builders.journey('''
    start: entry_event(event="Order Completed") -> rest
    rest: delay(amount=2, unit="days") -> done
    done: exit()
''', name="Bench", at=clock.now())
"""
INSERT = f"""
INSERT INTO profiles_event ({EVENT_COLUMNS})
SELECT i.profile_id, %(kind)s, %(name)s, %(properties)s, %(context)s, %(at)s, %(at)s, %(message)s
FROM profiles_identity i WHERE i.kind = 'user_id' AND i.value = %(user)s
"""


def calls(number: int, rng: random.Random) -> list[dict[str, object]]:
    """What a shop's browsers and servers send: visits of known people, some who are new, some who say who they are."""
    made: list[dict[str, object]] = []
    shop = Shop(PEOPLE, number)
    deeds: list[tuple[int, int, str]] = []
    while len(made) < number:
        deeds.clear()
        shop.visit(deeds, rng.randrange(1, PEOPLE), 0, rng)
        known = rng.random() < 0.9
        who = {"userId": f"C-{deeds[0][1]}"} if known else {"anonymousId": str(uuid4())}
        if rng.random() < 0.1:
            traits = {"loyalty_points": rng.randrange(3000), "plan": "plus"}
            made.append({"type": "identify", "messageId": str(uuid4()), "traits": traits, **who})
        for _, _, rest in deeds:
            kind, name, properties, context = rest.split("\t")
            call = {"type": kind, "messageId": str(uuid4()), "properties": json.loads(properties), **who}
            made.append({**call, "context": json.loads(context)} | ({"event": name} if kind == "track" else {}))
    return made[:number]


@contextmanager
def running(shop: World, local: Path) -> Iterator[Product]:
    """The product as its users start it, over the big shop."""
    made = Product(local)
    made.env |= {"DATABASE_URL": shop.url, "INGEST_PER_MINUTE": "1000000000"}
    made.start()
    del made.env["DATABASE_URL"]  # the product has written down where its servers are
    try:
        made.manage("shell", "-c", JOURNEY)
        yield made
    finally:
        made.stop()


def post(product: Product, bodies: Sequence[bytes]) -> int:
    """Send them one after the other over one connection; how many were taken."""
    key = base64.b64encode(f"{product.facts['write key']}:".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(urlsplit(product.url).netloc, timeout=60)
    for body in bodies:
        connection.request("POST", "/v1/batch", body, headers)
        answer = connection.getresponse()
        assert (answer.read(), answer.status) == (b'{"success":true}', 200)
    connection.close()
    return len(bodies)


def ours(product: Product, rng: random.Random) -> tuple[float, float]:
    """Events a second until the last is answered, and until memberships and journeys have followed."""
    made = calls(CALLS, rng)
    bodies = [json.dumps({"batch": made[i : i + BATCH]}).encode() for i in range(0, CALLS, BATCH)]
    repeats = bodies[:: len(bodies) // 10]  # a client that got no answer sends again
    before = Event.objects.count()
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(post, [product] * CONNECTIONS, [(bodies + repeats)[i::CONNECTIONS] for i in range(CONNECTIONS)]))
    answered = time.perf_counter() - start
    wait_for(lambda: not Change.objects.exists(), 300, "all changes are taken")
    followed = time.perf_counter() - start
    assert Event.objects.count() == before + CALLS
    return CALLS / answered, CALLS / followed


def rows(number: int, rng: random.Random) -> list[tuple[object, ...]]:
    """The same events, ready to be written: (person, kind, name, properties, context, at, at, message)."""
    now = datetime.now(UTC)
    made = []
    for call in calls(number, rng):
        name = call.get("event", "Page Viewed")
        said, context = json.dumps(call.get("properties", {})), CONTEXTS[0]
        made.append((rng.randrange(1, PEOPLE), call["type"], name, said, context, now, now, call["messageId"]))
    return made


def copy(shop: World, rng: random.Random) -> float:
    """The bare limit: one COPY."""
    lines = "".join("\t".join(map(str, row)) + "\n" for row in rows(CALLS, rng)).encode()
    with psycopg.connect(shop.url) as db:
        start = time.perf_counter()
        with db.cursor() as cursor, cursor.copy(f"COPY profiles_event ({EVENT_COLUMNS}) FROM STDIN") as into:
            for at in range(0, len(lines), 1 << 17):
                into.write(lines[at : at + (1 << 17)])
        db.commit()
        return CALLS / (time.perf_counter() - start)


def single(shop: World, rng: random.Random) -> float:
    """Each event by an INSERT of its own that looks up its person, in a transaction of its own, one after the other."""
    made = rows(SINGLE, rng)
    names = ("person", "kind", "name", "properties", "context", "at", "again", "message")
    with psycopg.connect(shop.url, autocommit=True) as db:
        start = time.perf_counter()
        for row in made:
            bound = dict(zip(names, row, strict=True))
            db.execute(INSERT, bound | {"user": f"C-{bound['person']}"})
        return SINGLE / (time.perf_counter() - start)


def test_ingest(shop: World, tmp_path: Path) -> None:
    rng = random.Random(4)
    took: dict[str, list[float]] = {"ours": [], "followed": [], "copy": [], "single": []}
    with nothing_left(), saved(hundred()[::5]), running(shop, tmp_path / "local") as product:
        ours(product, rng)  # warms up
        for _ in range(REPEATS):
            answered, followed = ours(product, rng)
            took["ours"].append(answered)
            took["followed"].append(followed)
            took["copy"].append(copy(shop, rng))
            took["single"].append(single(shop, rng))
    result = figures(took, lambda rate: rate)
    share, times = result["ours"] / result["copy"], result["ours"] / result["single"]  # type: ignore[operator]
    table("ingest (events/s)", {f"batches of {BATCH}": result}, ("ours", "followed", "copy", "single"))
    note("ingest", {"unit": "events/s", **result, "share_of_copy": round(share, 3), "times_single": round(times, 1)})
