"""The web server's threads come and go: a connection to the database goes with its thread."""

import gc
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.db import connection

from omnichannel.shared import threads
from tests.product import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_garbage_is_looked_for() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def of_others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'from the database'")
        return [cursor.fetchone()[0].encode()]


def test_a_thread_that_ends_leaves_no_connection_behind() -> None:
    answer = threads.closing(application)
    before = of_others()
    answered, may_go = threading.Barrier(4), threading.Event()
    answers: list[bytes] = []

    def serve() -> None:
        for _ in range(2):
            answers.extend(answer({}, lambda *_: None))
        answered.wait(30)
        may_go.wait(30)

    workers = [threading.Thread(target=serve) for _ in range(3)]
    for one in workers:
        one.start()
    answered.wait(30)
    assert answers == [b"from the database"] * 6
    assert of_others() == before + 3  # one for each thread, kept between its requests
    may_go.set()
    for one in workers:
        one.join()
    wait_for(lambda: of_others() == before, 10, "their connections are gone")
    assert list(answer({}, lambda *_: None)) == [b"from the database"]
