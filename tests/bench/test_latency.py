"""From an event over HTTP to its message row: idle, and while a crowd becomes due at once and a segment of all builds.

The whole product as `make run` starts it. Events come at a steady pace, whether the one before has its message or not,
so that nothing waits unseen. `SCALE=small` (the default here) is 100,000 people.
"""

import json
import os
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.bench.results import note
from tests.crash.chaos import travel
from tests.product import Product, product, wait_for

pytestmark = pytest.mark.bench

PEOPLE = {"small": 100_000, "full": 1_000_000}[os.environ.get("SCALE", "small")]
SAMPLES = 150
PACE = 0.1  # seconds between two events
LOOK = 0.004  # seconds between two looks for message rows
LIMITS = {"idle": 1_000, "busy": 5_000}  # ms, 99 of 100
DAY = timedelta(days=1)
SETUP = """
from omnichannel.shared import clock
from tests import builders
builders.account("sandbox")
builders.journey('''
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> done
    done: exit()
''', name="Measured", at=clock.now())
builders.journey('''
    start: entry_event(event="Never") -> wait
    wait: delay(amount=1, unit="days") -> tell
    tell: send(template="Crowd") -> rest
    rest: delay(amount=2, unit="days") -> done
    done: exit()
''', name="Crowd", at=clock.now())
"""
FILL_PEOPLE = """
INSERT INTO profiles_profile (attributes, created_at, updated_at)
SELECT jsonb_build_object('email', 'c' || n || '@x.example', 'plan', (ARRAY['free', 'pro'])[1 + n %% 2]), now(), now()
FROM generate_series(1, %(people)s) AS n
"""
FILL_CROWD = """
INSERT INTO journeys_enrollment (journey_id, version_id, node_id, profile_id, state, visit, due_at, entered_at,
    node_entered_at, entry_key, reason)
SELECT j.id, j.live_id, n.id, p.id, 1, 2, now() + interval '1 day', now(), now(), '', ''
FROM journeys_journey AS j
JOIN journeys_node AS n ON n.version_id = j.live_id AND n.key = 'wait'
CROSS JOIN (SELECT id FROM profiles_profile ORDER BY id LIMIT %(people)s) AS p
WHERE j.name = 'Crowd'
"""
LEFT = """
SELECT EXISTS (
    SELECT FROM journeys_enrollment AS e
    JOIN journeys_node AS n ON n.id = e.node_id AND n.key = 'wait'
    WHERE e.state = 1
)
"""
ARRIVED = "SELECT profile_id FROM journeys_message WHERE profile_id = ANY(%s)"


@dataclass
class Watch:
    """Who sent an event when, and how long their message took. A connection of its own looks for the rows."""

    url: str
    waiting: dict[int, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as db:
            while not self.over.is_set() or self.waiting:
                here = list(self.waiting)
                if here:
                    rows = db.execute(ARRIVED, [here]).fetchall()
                    at = time.perf_counter()
                    for (profile,) in rows:
                        self.took.append(at - self.waiting.pop(profile))
                time.sleep(LOOK)


def measure(running: Product, people: dict[str, int], url: str) -> dict[str, float]:
    """One event after the other for these new people; milliseconds."""
    watch = Watch(url)
    looking = threading.Thread(target=watch.look)
    looking.start()
    with httpx.Client(base_url=running.url, auth=(running.facts["write key"], ""), timeout=60) as client:
        start = time.perf_counter()
        for n, (name, profile) in enumerate(people.items()):
            time.sleep(max(0.0, start + n * PACE - time.perf_counter()))
            watch.waiting[profile] = time.perf_counter()
            call = {"type": "track", "messageId": str(uuid4()), "userId": name, "event": "Signed Up"}
            assert client.post("/v1/batch", json={"batch": [call]}).status_code == 200
    watch.over.set()
    looking.join(120)
    assert len(watch.took) == len(people), f"{len(watch.waiting)} messages never came"
    took = sorted(watch.took)
    return {"p50": round(took[len(took) // 2] * 1000), "p99": round(took[int(len(took) * 0.99)] * 1000)}


def known(running: Product, url: str, names: list[str]) -> dict[str, int]:
    """People who are known already: {user id: profile}."""
    calls = [
        {"type": "identify", "messageId": str(uuid4()), "userId": one, "traits": {"email": f"{one}@x.example"}}
        for one in names
    ]
    answer = httpx.post(
        f"{running.url}/v1/batch", json={"batch": calls}, auth=(running.facts["write key"], ""), timeout=60
    )
    assert answer.status_code == 200
    with psycopg.connect(url) as db:
        asked = "SELECT value, profile_id FROM profiles_identity WHERE kind = 'user_id' AND value = ANY(%s)"
        return dict(db.execute(asked, [names]).fetchall())


def fill(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SET synchronous_commit = off")
        db.execute(FILL_PEOPLE, {"people": PEOPLE})
        db.execute(FILL_CROWD, {"people": PEOPLE})
        db.execute("VACUUM (ANALYZE) profiles_profile, journeys_enrollment")
        db.execute("CHECKPOINT")


def crowd_is_moving(url: str) -> bool:
    with psycopg.connect(url) as db:
        return bool(db.execute(LEFT).fetchall()[0][0])


def test_latency(tmp_path: Path) -> None:
    with product(tmp_path / "local") as running:
        running.manage("shell", "-c", SETUP)
        env: dict[str, str] = json.loads((tmp_path / "local" / "run" / "env.json").read_text())
        url = env["DATABASE_URL"]
        fill(url)
        idle = known(running, url, [f"idle-{n}" for n in range(SAMPLES)])
        busy = known(running, url, [f"busy-{n}" for n in range(SAMPLES)])
        measure(running, known(running, url, [f"warm-{n}" for n in range(20)]), url)
        result: dict[str, Any] = {"unit": "ms", "people": PEOPLE, "limits_p99": LIMITS}
        result |= {f"idle_{name}": value for name, value in measure(running, idle, url).items()}
        travel(url, DAY.total_seconds() + 60)
        wait_for(lambda: crowd_is_moving(url), 10, "the crowd is there")
        with running.api() as api:
            condition = {"type": "attribute", "field": "plan", "op": "eq", "value": "pro"}
            assert api.post("/segments/", json={"name": "Pro", "condition": condition}).status_code == 201
        result |= {f"busy_{name}": value for name, value in measure(running, busy, url).items()}
        result["busy_to_the_end"] = crowd_is_moving(url)
    note("latency", result)
