"""Many at once: the same new person is made once, merges that meet do not deadlock, a repeat in flight is one event."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from profiles.models import Event, Identity, Profile
from tests.builders import alias, calls, identify, tracked

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def storm(work: Callable[[int], Any]) -> None:
    """Run `work(0)` … `work(7)` at the same moment, each on its own connection."""
    start = Barrier(THREADS)

    def run(number: int) -> None:
        try:
            start.wait()
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(run, number) for number in range(THREADS)]:
            done.result()


def test_one_new_person_is_made_once() -> None:
    for turn in range(6):

        def work(number: int, turn: int = turn) -> None:
            calls(identify(f"u{turn}", f"a{turn}-{number}", email=f"{turn}@y.z", n=number))

        storm(work)
    assert Profile.objects.count() == 6
    assert Identity.objects.count() == 6 * (2 + THREADS)
    assert Event.objects.count() == 6 * THREADS


def test_the_same_batch_at_the_same_moment_is_stored_once() -> None:
    batch = [
        call
        for i in range(20)
        for call in (tracked("Seen", None, f"a{i}"), identify(f"u{i}", f"a{i}", email=f"{i}@y.z"))
    ]

    def work(number: int) -> None:
        mixed = list(batch)
        random.Random(number).shuffle(mixed)
        calls(*mixed)

    storm(work)
    assert Profile.objects.filter(merged_into=None).count() == 20
    assert Event.objects.count() == len(batch)


def test_merges_that_meet_leave_one_person_and_lose_nothing() -> None:
    sent: list[list[list[dict[str, Any]]]] = []
    for number in range(THREADS):
        rng = random.Random(number)
        batches = []
        for _ in range(12):
            batch = [tracked("Seen", f"u{rng.randrange(8)}", f"a{rng.randrange(30)}") for _ in range(5)]
            batch.append(alias(f"u{rng.randrange(8)}", f"u{rng.randrange(8)}"))
            batches.append(batch)
        sent.append(batches)

    def work(number: int) -> None:
        for batch in sent[number]:
            calls(*batch)

    storm(work)
    assert Event.objects.count() == THREADS * 12 * 6
    living = set(Profile.objects.filter(merged_into=None).values_list("id", flat=True))
    assert set(Event.objects.values_list("profile_id", flat=True)) <= living
    assert set(Identity.objects.values_list("profile_id", flat=True)) <= living
    assert set(Profile.objects.exclude(merged_into=None).values_list("merged_into_id", flat=True)) <= living
