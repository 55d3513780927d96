"""What machines ask: /healthz, /readyz, /metrics."""

import pytest
import redis
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from omnichannel.shared import health
from omnichannel.shared.tasks import heartbeat


@pytest.fixture(autouse=True)
def migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether migrations are applied is asked once per process; here it is so."""
    monkeypatch.setattr(health, "_migrated", True)


def test_a_process_that_answers_is_healthy_without_asking_anybody(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert client.post("/healthz").status_code == 405


def test_ready_needs_a_sign_of_life_from_beat(client: Client, db: None, valkey: redis.Redis) -> None:
    silent = client.get("/readyz")
    assert silent.status_code == 503
    assert silent.json() == {
        "database": "ok",
        "migrations": "ok",
        "broker": "ok",
        "beat": "silent: is a beat and a worker running?",
    }
    heartbeat()
    ready = client.get("/readyz")
    assert (ready.status_code, set(ready.json().values())) == (200, {"ok"})
    assert 0 < valkey.ttl(health.BEAT_KEY) <= health.BEAT_SECONDS


def test_ready_says_that_the_broker_is_gone(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.broker, "client", lambda: redis.Redis(port=1, socket_connect_timeout=0.5))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["broker"], answer.json()["beat"]) == ("not reachable", "unknown")


def test_metrics_tell_parts_and_queues(client: Client, db: None, valkey: redis.Redis) -> None:
    valkey.rpush("send", "one", "two")
    heartbeat()
    lines = client.get("/metrics").content.decode().splitlines()
    assert 'omnichannel_part_up{part="beat"} 1.0' in lines
    assert 'omnichannel_part_up{part="database"} 1.0' in lines
    assert 'omnichannel_queue_length{queue="send"} 2.0' in lines
    assert 'omnichannel_queue_length{queue="inbox"} 0.0' in lines


def test_metrics_are_for_this_machine_or_the_token(client: Client, db: None, settings: Settings) -> None:
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200
    settings.METRICS_TOKEN = "sesame"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer wrong").status_code == 404
    assert client.get("/metrics", HTTP_AUTHORIZATION="Bearer sesame", REMOTE_ADDR="203.0.113.9").status_code == 200
