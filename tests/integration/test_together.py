"""Requests that arrive at the same time are stored in one transaction, and each is told what became of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.db.utils import DataError

from profiles.ingest import Result, together
from profiles.ingest.decode import Call
from profiles.models import Event, Profile

pytestmark = pytest.mark.django_db(transaction=True)


def calls(who: str, now: datetime, **properties: str) -> list[Call]:
    return [
        Call(kind="track", name="Seen", message_id=uuid4(), occurred_at=now, user_id=who, properties=properties),
        Call(kind="track", name="Bought", message_id=uuid4(), occurred_at=now, user_id=who, properties=properties),
    ]


def at_once(requests: list[tuple[list[Call], datetime]]) -> list[Callable[[], list[Result]]]:
    """Let all come in while another is being stored; what each of them got."""

    def run(request: tuple[list[Call], datetime]) -> list[Result]:
        try:
            return together.ingest_together(*request)
        finally:
            connection.close()

    came_in = threading.Event()
    with ThreadPoolExecutor(len(requests)) as pool, together._turn:
        futures = [pool.submit(run, request) for request in requests]
        while len(together._waiting) < len(requests):
            came_in.wait(0.001)
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
