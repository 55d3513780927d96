"""Requests that arrive at the same time are stored in one transaction, and each is told what became of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import DataError

from profiles.ingest import Result, together
from profiles.ingest.decode import Call
from profiles.models import Event, Profile
from tests.product import wait_for
from tests.waiting import somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


def calls(who: str, now: datetime, **properties: str) -> list[Call]:
    return [
        Call(kind="track", name="Seen", message_id=uuid4(), occurred_at=now, user_id=who, properties=properties),
        Call(kind="track", name="Bought", message_id=uuid4(), occurred_at=now, user_id=who, properties=properties),
    ]


def run(request: tuple[list[Call], datetime]) -> list[Result]:
    """In a thread."""
    try:
        return together.ingest_together(*request)
    finally:
        connection.close()


def at_once(requests: list[tuple[list[Call], datetime]]) -> list[Callable[[], list[Result]]]:
    """Let all come in while others are being stored; what each of them got."""
    full, go_on = threading.Barrier(together.AT_ONCE + 1), threading.Event()

    def busy() -> None:
        full.wait(30)
        go_on.wait(30)

    for _ in range(together.AT_ONCE):
        together._storing.submit(busy)
    full.wait(30)
    with ThreadPoolExecutor(len(requests)) as pool:
        futures = [pool.submit(run, request) for request in requests]
        wait_for(lambda: len(together._waiting) == len(requests), 30, "all have come in")
        go_on.set()
    return [future.result for future in futures]


def test_they_are_one_transaction_and_each_gets_its_own_results(now: datetime) -> None:
    moments = [now + timedelta(seconds=n) for n in range(5)]
    answers = [answer() for answer in at_once([(calls(f"u{n}", now), at) for n, at in enumerate(moments)])]
    people = dict(Profile.objects.values_list("identities__value", "pk"))
    assert answers == [[Result(people[f"u{n}"], stored=True)] * 2 for n in range(5)]
    assert Event.objects.count() == 10
    assert set(Event.objects.values_list("received_at", flat=True)) == {moments[-1]}


def test_what_cannot_be_stored_harms_no_other_request(now: datetime) -> None:
    good, bad, last = at_once([(calls("a", now), now), (calls("b", now, note="\0"), now), (calls("c", now), now)])
    assert [one.stored for one in good() + last()] == [True] * 4
    with pytest.raises(DataError):
        bad()
    assert sorted(Profile.objects.values_list("identities__value", flat=True)) == ["a", "c"]
    assert Event.objects.count() == 4


def test_one_that_waits_for_its_person_keeps_no_other_waiting(now: datetime) -> None:
    together.ingest_together(calls("a", now), now)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Profile.objects.select_for_update().get()
        held = pool.submit(run, (calls("a", now), now))
        wait_for(somebody_waits, 30, "it waits for its person")
        with ThreadPoolExecutor(1) as others:
            assert [one.stored for one in others.submit(run, (calls("b", now), now)).result(30)] == [True] * 2
        assert not held.done()
    assert [one.stored for one in held.result(30)] == [True] * 2
    assert Event.objects.count() == 6


def test_it_is_part_of_the_callers_transaction(now: datetime) -> None:
    with transaction.atomic():
        assert [one.stored for one in together.ingest_together(calls("a", now), now)] == [True] * 2
        transaction.set_rollback(True)
    assert not Event.objects.exists()
