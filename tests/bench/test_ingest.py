"""Events a second over HTTP into the running product, against bare COPY, against one transaction for each event that
leaves the same rows, and against one bare INSERT for each.

Everything is on: identities, dedupe, a hundred live segments' interests, a live journey, and the workers that follow
them, on the same machine as the load.
"""

import base64
import http.client
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from profiles.models import Change, Event, Interest
from tests.bench.audiences import hundred, nothing_left, saved
from tests.bench.results import figures, note, table
from tests.bench.shop import EVENT_COLUMNS, IDENTITY_COLUMNS, PROFILE_COLUMNS, SEEN_COLUMNS, Shop
from tests.bench.world import PEOPLE, SCALE, World
from tests.product import Product, wait_for

pytestmark = pytest.mark.bench
REPEATS = 5
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
NUMBERS = "SELECT nextval('profiles_profile_id_seq') FROM generate_series(1, %s)"
# What one event leaves behind, by hand: who it is, held against merges; the event, once; when they were seen last; and
# word to whoever listens.
WHO = """
SELECT p.id FROM profiles_identity i JOIN profiles_profile p ON p.id = i.profile_id
WHERE i.kind = 'user_id' AND i.value = %(user)s AND p.merged_into_id IS NULL FOR NO KEY UPDATE OF p
"""
ONCE = f"""
INSERT INTO profiles_event ({EVENT_COLUMNS})
VALUES (%(person)s, %(kind)s, %(name)s, %(properties)s, %(context)s, %(at)s, %(at)s, %(message)s)
ON CONFLICT (message_id) DO NOTHING RETURNING id
"""
SEEN = """
INSERT INTO profiles_lastseen (profile_id, at) VALUES (%(person)s, %(at)s)
ON CONFLICT (profile_id) DO UPDATE SET at = EXCLUDED.at WHERE EXCLUDED.at >= profiles_lastseen.at + interval '1 minute'
"""
TOLD = """
INSERT INTO profiles_change (consumer, profile_id, kind, key, event_id, at, data)
SELECT DISTINCT consumer, %(person)s, 'event', %(name)s, %(event)s, %(at)s, %(properties)s::jsonb
FROM profiles_interest WHERE kind = 'event' AND key IN (%(name)s, '*')
"""


def calls(number: int, rng: random.Random) -> list[dict[str, Any]]:
    """What a shop's browsers and servers send: visits of known people, some who are new, some who say who they are."""
    made: list[dict[str, Any]] = []
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


def rows(made: Sequence[dict[str, Any]], people: Mapping[str, int], now: datetime) -> list[tuple[object, ...]]:
    """The same events, ready to be written: (person, kind, name, properties, context, at, at, message)."""
    return [
        (
            people.get(call.get("anonymousId", "")) or int(call["userId"].removeprefix("C-")),
            call["type"],
            call.get("event", "Identified" if call["type"] == "identify" else "Page Viewed"),
            json.dumps(call.get("properties", call.get("traits"))),
            json.dumps(call["context"]) if "context" in call else None,
            now,
            now,
            call["messageId"],
        )
        for call in made
    ]


def beside(
    made: Sequence[dict[str, Any]], events: Sequence[tuple[Any, ...]], people: Mapping[str, int], now: datetime
) -> dict[str, Sequence[tuple[object, ...]]]:
    """The rows of the other tables: who is new, what became of attributes, and word to whoever listens."""
    heard = defaultdict(set)
    for kind, key, consumer in Interest.objects.values_list("kind", "key", "consumer"):
        heard[kind, key].add(consumer)
    told = {(consumer, row[0], "event", row[2]) for row in events for consumer in heard["event", row[2]]}
    changed: list[tuple[Any, ...]] = [
        (row[0], name, None, json.dumps(value), "identify", now)
        for call, row in zip(made, events, strict=True)
        for name, value in call.get("traits", {}).items()
    ]
    told |= {(consumer, row[0], "attribute", row[1]) for row in changed for consumer in heard["attribute", row[1]]}
    return {
        f"profiles_profile ({PROFILE_COLUMNS})": [(person, "{}", now, now, None) for person in people.values()],
        f"profiles_identity ({IDENTITY_COLUMNS})": [(pk, "anonymous_id", value, now) for value, pk in people.items()],
        f"profiles_lastseen ({SEEN_COLUMNS})": [(person, now) for person in people.values()],
        "profiles_attributechange (profile_id, name, old, new, source, at)": changed,
        "profiles_change (consumer, profile_id, kind, key, at, data)": [(*one, now, "{}") for one in sorted(told)],
    }


def copy(shop: World, rng: random.Random) -> float:
    """The bare limit: each table that ours writes to takes the same rows by one COPY."""
    now, made = datetime.now(UTC), calls(CALLS, rng)
    new = dict.fromkeys(call["anonymousId"] for call in made if "anonymousId" in call)
    with psycopg.connect(shop.url) as db:
        numbers = db.execute(NUMBERS, [len(new)]).fetchall()
        people = {value: number for value, (number,) in zip(new, numbers, strict=True)}
        events = rows(made, people, now)
        tables = {f"profiles_event ({EVENT_COLUMNS})": events, **beside(made, events, people, now)}
        lines = {table: "".join(map(_line, rows)).encode() for table, rows in tables.items()}
        start = time.perf_counter()
        for table, text in lines.items():
            with db.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as into:
                for at in range(0, len(text), 1 << 17):
                    into.write(text[at : at + (1 << 17)])
        db.commit()
        took = time.perf_counter() - start
    wait_for(lambda: not Change.objects.exists(), 300, "all changes are taken")
    return CALLS / took


def _line(row: Sequence[object]) -> str:
    return "\t".join("\\N" if value is None else str(value).replace("\\", "\\\\") for value in row) + "\n"


def bound(number: int, rng: random.Random) -> list[dict[str, Any]]:
    """The rows as parameters of a statement."""
    names = ("person", "kind", "name", "properties", "context", "at", "at", "message")
    known = [call for call in calls(2 * number, rng) if "userId" in call][:number]
    return [dict(zip(names, row, strict=True)) | {"user": f"C-{row[0]}"} for row in rows(known, {}, datetime.now(UTC))]


def single(shop: World, rng: random.Random) -> float:
    """Each event in a transaction of its own that does for it what ours does for a batch, one after the other."""
    made = bound(SINGLE, rng)
    with psycopg.connect(shop.url, autocommit=True) as db:
        start = time.perf_counter()
        for row in made:
            with db.transaction():
                ((row["person"],),) = db.execute(WHO, row)
                for (event,) in db.execute(ONCE, row).fetchall():
                    db.execute(SEEN, row)
                    db.execute(TOLD, row | {"event": event})
        took = time.perf_counter() - start
    wait_for(lambda: not Change.objects.exists(), 300, "all changes are taken")
    return SINGLE / took


def insert(shop: World, rng: random.Random) -> float:
    """Each event by a bare INSERT of its own that only looks up its person, one after the other."""
    made = bound(SINGLE, rng)
    with psycopg.connect(shop.url, autocommit=True) as db:
        start = time.perf_counter()
        for row in made:
            db.execute(INSERT, row)
        return SINGLE / (time.perf_counter() - start)


def test_ingest(shop: World, tmp_path: Path) -> None:
    rng = random.Random(4)
    took: dict[str, list[float]] = {"ours": [], "followed": [], "copy": [], "single": [], "insert": []}
    with nothing_left(), saved(hundred()[::5]), running(shop, tmp_path / "local") as product:
        ours(product, rng)  # warms up
        for _ in range(REPEATS):
            answered, followed = ours(product, rng)
            took["ours"].append(answered)
            took["followed"].append(followed)
            took["copy"].append(copy(shop, rng))
            took["single"].append(single(shop, rng))
            took["insert"].append(insert(shop, rng))
    result = figures(took, lambda rate: rate)
    ratios = {
        name: result["ours"] / result[of]  # type: ignore[operator]
        for name, of in (("share_of_copy", "copy"), ("times_single", "single"), ("times_insert", "insert"))
    }
    table("ingest (events/s)", {f"batches of {BATCH}": result}, ("ours", "followed", "copy", "single", "insert"))
    note("ingest", {"unit": "events/s", **result, **{name: round(ratio, 3) for name, ratio in ratios.items()}})
