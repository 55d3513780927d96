"""A build is killed on its way, or meets others who write: the segment ends with exactly who matches."""

import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from profiles.ingest import update_attributes
from profiles.models import Change, LookedAt, Membership, PastMembership, Segment, SegmentSize
from profiles.segments import checking, compiler, membership
from profiles.segments.ast import parse
from profiles.services import changes, segments
from tests import builders, processes
from tests.conftest import NOW

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

PEOPLE = 60
PATIENCE = 60
PRO: dict[str, Any] = {"type": "attribute", "field": "plan", "op": "eq", "value": "pro"}
FREE: dict[str, Any] = {"type": "attribute", "field": "plan", "op": "eq", "value": "free"}

Worker = Callable[..., processes.Running]


@pytest.fixture
def worker(process_env: dict[str, str]) -> Worker:
    """A process that builds, with or without a failpoint."""

    def start(failpoint: str = "") -> processes.Running:
        return processes.start(process_env, "tests.crash.build_worker", NOW, failpoint=failpoint)

    return start


@pytest.fixture
def people() -> list[int]:
    return [builders.profile(plan="pro" if n % 3 else "free").pk for n in range(PEOPLE)]


def drain() -> None:
    while membership.take(7, NOW):
        pass


def is_exact(segment: Segment) -> bool:
    """Members, size and history say the same, and it is what everybody is found to be."""
    segment.refresh_from_db()
    wanted = compiler.ids(parse(segment.condition), NOW)
    kept = list(Membership.objects.filter(segment=segment).order_by("profile_id").values_list("profile_id", flat=True))
    last = SegmentSize.objects.filter(segment=segment).latest("hour")
    found = checking.check(segment.pk, NOW + timedelta(hours=1))
    return kept == wanted and segment.size == last.size == len(kept) and found is not None and found.exact


@pytest.mark.parametrize("failpoint", ["build.found", "build.piece:9"])
def test_a_killed_build_is_begun_anew(worker: Worker, people: list[int], failpoint: str) -> None:
    changes.declare("journeys", "version:1", [("entered", "*"), ("exited", "*")])
    segment = segments.create("Some", FREE)
    segments.build_all(NOW)
    before = set(Membership.objects.values_list("profile_id", flat=True))
    segments.change(segment, name="Some", description="", condition=PRO)
    assert worker(failpoint).wait(PATIENCE) == -signal.SIGKILL
    segment.refresh_from_db()
    assert segment.state == "building"
    with transaction.atomic():
        update_attributes({people[0]: {"plan": "pro"}, people[1]: {"plan": "free"}}, NOW, "test")
    drain()
    segments.build_all(NOW)
    assert is_exact(segment)
    assert segment.state == "live"
    assert not LookedAt.objects.exists()
    told = list(Change.objects.filter(consumer="journeys").values_list("profile_id", "kind"))
    assert len(told) == len(set(told))
    inside = set(Membership.objects.values_list("profile_id", flat=True))
    assert {who for who, kind in told if kind == "entered"} >= inside - before
    assert {who for who, kind in told if kind == "exited"} >= before - inside


def test_deleting_after_a_killed_build_leaves_nothing(worker: Worker, people: list[int]) -> None:
    segment = segments.create("Some", PRO)
    assert worker("build.piece:5").wait(PATIENCE) == -signal.SIGKILL
    assert Membership.objects.exists()
    segments.delete(segment)
    segments.clear_deleted()
    assert not Membership.objects.exists()
    assert not PastMembership.objects.exists()


def test_building_beside_writers_and_takers(worker: Worker, people: list[int]) -> None:
    """Threads keep changing people and taking changes, while a process and this one build what is saved and saved."""
    segment = segments.create("Some", PRO)
    stop = threading.Event()

    def write() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            with transaction.atomic():
                some = people[turn % 7 :: 7]
                update_attributes({one: {"plan": ("pro", "free")[turn % 2]} for one in some}, NOW, "test")
            membership.take(20, NOW)
            membership.tick(NOW)
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for condition in (FREE, PRO):
        other = worker()
        for _ in range(5):
            segments.change(segment, name="Some", description="", condition=condition)
            segments.build_all(NOW)
        assert other.wait(PATIENCE) == 0
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)
    segments.build_all(NOW)
    drain()
    assert is_exact(segment)
