"""The tracking API over HTTP: keys, packing, limits, answers, browsers."""

import base64
import gzip
import json
from typing import Any

import pytest
import redis
from django.test import Client
from django.utils import timezone

from omnichannel.accounts import keys
from omnichannel.accounts.models import ApiKey
from omnichannel.shared import pace
from profiles.ingest.decode import MAX_BODY
from profiles.models import Event, Profile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

TRACK = {"type": "track", "event": "Seen", "userId": "u1", "messageId": "m1"}


def post(path: str, body: Any, key: str | None, *, gz: bool = False, **headers: str) -> Any:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    if key:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
    if gz:
        text = gzip.compress(text)
        headers["Content-Encoding"] = "gzip"
    kind = headers.pop("content_type", "application/json")
    return Client(enforce_csrf_checks=True).post(f"/v1/{path}", text, content_type=kind, headers=headers)


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("track", {"event": "Seen", "userId": "u1"}, "Seen"),
        ("identify", {"userId": "u1", "traits": {"plan": "pro"}}, "Identified"),
        ("page", {"anonymousId": "a1", "name": "Home"}, "Page Viewed"),
        ("screen", {"anonymousId": "a1", "name": "Home"}, "Screen Viewed"),
        ("group", {"userId": "u1", "groupId": "g1"}, "Group Joined"),
        ("alias", {"userId": "u1", "previousId": "a1"}, "Aliased"),
        ("t", {"type": "track", "event": "Seen", "userId": "u1"}, "Seen"),
        ("batch", {"batch": [TRACK]}, "Seen"),
        ("import", {"batch": [TRACK]}, "Seen"),
        ("b", {"batch": [TRACK]}, "Seen"),
    ],
)
def test_every_address_stores_its_calls(write_key: str, path: str, body: dict[str, Any], name: str) -> None:
    for _ in range(2):
        response = post(path, body | {"messageId": "m1"}, write_key)
        assert (response.status_code, response.json()) == (200, {"success": True})
    assert list(Event.objects.values_list("name", flat=True)) == [name]


def test_ways_to_give_the_key(write_key: str) -> None:
    assert post("track", TRACK, None, Authorization=f"Bearer {write_key}").status_code == 200
    assert post("track", TRACK | {"writeKey": write_key}, None, content_type="text/plain").status_code == 200
    assert post("batch", {"batch": [TRACK], "writeKey": write_key}, None, content_type="text/plain").status_code == 200


def test_keys_that_do_not_fit(write_key: str, api_key: str) -> None:
    revoked, text = ApiKey.issue("Old", ApiKey.Kind.WRITE)
    assert post("track", TRACK, text).status_code == 200
    revoked.revoked_at = timezone.now()
    revoked.save()
    keys.forget()
    for key in (None, "wk_nobody", api_key, text):
        response = post("track", TRACK | {"messageId": "m2"}, key)
        assert (response.status_code, response.json()["error"]) == (401, "unauthorized")
    assert post("track", TRACK, None, Authorization="Basic %%%").status_code == 401
    assert Event.objects.count() == 1


def test_the_good_items_of_a_batch_are_stored_and_the_bad_ones_listed(write_key: str) -> None:
    big = TRACK | {"messageId": "m2", "properties": {"text": "x" * 33_000}}
    batch = {"batch": [TRACK | {"event": ""}, TRACK, {"type": "dance"}, big, TRACK | {"timestamp": "?"}]}
    response = post("batch", batch, write_key)
    assert response.status_code == 400
    told = response.json()
    assert (told["success"], told["error"], told["stored"]) == (False, "bad_items", 1)
    assert (told["item"], told["field"], told["message"]) == (0, "event", "A track call needs the name of the event")
    assert [(one["item"], one["field"]) for one in told["errors"]] == [
        (0, "event"),
        (2, "type"),
        (3, ""),
        (4, "timestamp"),
    ]
    assert told["errors"][2]["message"].startswith("Too large: 33")
    assert Event.objects.count() == 1


def test_one_bad_call(write_key: str) -> None:
    response = post("track", {"userId": "u1"}, write_key)
    assert response.status_code == 400
    told = {"item": 0, "field": "event", "message": "A track call needs the name of the event"}
    kind = {"error": "bad_items", "code": "bad_items"}
    assert response.json() == {"success": False, **kind, **told, "stored": 0, "errors": [told]}
    assert not Profile.objects.exists()


def test_warnings_are_told_with_the_success(write_key: str) -> None:
    response = post(
        "batch", {"batch": [TRACK, {"type": "identify", "userId": "u", "traits": {"timezone": 5}}]}, write_key
    )
    message = "traits.timezone: not stored: use a name of the time zone database, like Europe/Berlin"
    assert response.json() == {"success": True, "warnings": [{"item": 1, "message": message}]}


@pytest.mark.parametrize("gz", [False, True])
def test_500_kb_and_no_more(write_key: str, gz: bool) -> None:
    item = TRACK | {"properties": {"text": "x" * 30_000}}
    frame = json.dumps({"batch": [item] * 16}).encode()
    fits = frame + b" " * (MAX_BODY - len(frame))
    assert post("batch", fits, write_key, gz=gz).status_code == 200
    response = post("batch", fits + b" ", write_key, gz=gz)
    assert (response.status_code, response.json()["error"]) == (413, "too_large")
    assert response.json()["message"] == "The request is larger than 512000 bytes: send smaller batches"


def test_a_small_body_that_unpacks_into_a_large_one_is_refused(write_key: str) -> None:
    bomb = gzip.compress(b" " * 200_000_000)
    assert len(bomb) < MAX_BODY
    response = post("batch", bomb, write_key, **{"Content-Encoding": "gzip"})
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"not gzip", {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b'{"batch":[]}', mtime=0)[:-9], {"Content-Encoding": "gzip"}, 400),
        (b"x", {"Content-Encoding": "br"}, 415),
        (b"", {}, 400),
        (b"  ", {}, 400),
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b'{"batch":7}', {}, 400),
        (b'{"batch":[]}', {}, 200),
    ],
)
def test_bodies_that_cannot_be_read(write_key: str, body: bytes, headers: dict[str, str], status: int) -> None:
    response = post("batch", body, write_key, **headers)
    assert response.status_code == status
    assert response.json()["success"] is (status == 200)


def test_browsers_may_send_from_any_site(write_key: str) -> None:
    asked = Client().options(
        "/v1/t",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Headers": "authorization,content-type"},
    )
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
    assert "POST" in asked["Access-Control-Allow-Methods"]
    assert "Authorization" in asked["Access-Control-Allow-Headers"]
    assert post("track", TRACK, write_key, Origin="https://shop.example")["Access-Control-Allow-Origin"] == "*"
    assert post("track", TRACK, None)["Access-Control-Allow-Origin"] == "*"


def test_only_post_writes(write_key: str) -> None:
    response = Client().get("/v1/track")
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")


def test_the_browser_library_learns_where_to_send(write_key: str) -> None:
    response = Client().get(f"/v1/projects/{write_key}/settings", headers={"host": "shop.example:8000"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.json()["integrations"] == {
        "Segment.io": {"apiKey": write_key, "apiHost": "shop.example:8000/v1", "protocol": "http"}
    }
    assert Client().get("/v1/projects/nobody/settings").status_code == 404


@pytest.mark.usefixtures("valkey")
def test_a_source_that_runs_away_is_asked_to_wait(write_key: str, settings: Any) -> None:
    """A bucket of a minute's worth: what does not fit is refused whole, with the time after which it will."""
    settings.INGEST_PER_MINUTE = 12
    items = [{**TRACK, "messageId": f"m{n}"} for n in range(10)]
    assert post("batch", {"batch": items}, write_key).status_code == 200
    more = [{**TRACK, "messageId": f"n{n}"} for n in range(5)]
    refused = post("batch", {"batch": more}, write_key)
    assert (refused.status_code, refused.json()["error"], refused.json()["stored"]) == (429, "too_many", 0)
    assert 13 <= int(refused["Retry-After"]) <= 15  # three are missing, one comes every five seconds
    assert Event.objects.filter(kind="track").count() == 10
    assert post("track", {**TRACK, "messageId": "o1"}, write_key).status_code == 200
    assert post("track", {**TRACK, "messageId": "o2"}, write_key).status_code == 200
    assert post("track", {**TRACK, "messageId": "o3"}, write_key)["Retry-After"] in ("4", "5")
    other = ApiKey.issue("Another", ApiKey.Kind.WRITE)[1]
    assert post("track", {**TRACK, "messageId": "o3"}, other).status_code == 200
    settings.INGEST_PER_MINUTE = 0
    assert post("batch", {"batch": more}, write_key).status_code == 200


def test_a_pace_takes_a_little_ahead_and_fits_without_a_broker(valkey: Any, settings: Any, monkeypatch: Any) -> None:
    asked = []
    counted = valkey.eval

    class Counting:
        def eval(self, *words: Any) -> Any:
            asked.append(words)
            return counted(*words)

    monkeypatch.setattr(pace, "client", Counting)
    for _ in range(2000):
        assert pace.take("somebody", 600_000, 1) == 0
    assert len(asked) == 2

    gone = redis.Redis(port=1)
    monkeypatch.setattr(pace, "client", lambda: gone)
    assert pace.take("somebody else", 1, 500) == 0


def test_events_have_a_door_of_their_own(write_key: str) -> None:
    """Nothing that is there for pages is done for them; what is no address of theirs is told as anywhere."""
    answer = post("track", TRACK, write_key)
    assert {name for name in answer.headers if not name.startswith("Access-Control-")} == {
        "Content-Length",
        "Content-Type",
        "Cross-Origin-Opener-Policy",
        "Referrer-Policy",
        "X-Content-Type-Options",
    }
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert post("nothing", TRACK, write_key).status_code == 404
    assert Event.objects.count() == 1
