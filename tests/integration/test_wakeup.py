"""How tasks follow each other: wake-ups melt, and a worker keeps its connection."""

import time

import pytest
from django.db import connection

from omnichannel.celery import _WorkerFixup, app
from omnichannel.shared import broker, wakeup

TASK = "tests.nothing"


def test_many_wakeups_melt_into_one_until_the_task_starts() -> None:
    for _ in range(3):
        wakeup.wake(TASK, "tests")
    assert broker.client().llen("tests") == 1
    wakeup.started(TASK)
    wakeup.wake(TASK, "tests")
    assert broker.client().llen("tests") == 2


@pytest.mark.django_db(transaction=True)
def test_a_worker_keeps_a_good_connection_and_lets_an_old_one_go() -> None:
    fixup = _WorkerFixup(app)
    connection.ensure_connection()
    before = connection.connection
    fixup.close_database()
    assert connection.connection is before
    connection.close_at = time.monotonic() - 1
    fixup.close_database()
    assert connection.connection is None
