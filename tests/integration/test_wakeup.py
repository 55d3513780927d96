"""How work follows work: wake-ups melt, whoever is on duty reads notes, and a worker keeps its connection."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import redis
from django.db import connection

from omnichannel.celery import _WorkerFixup, app
from omnichannel.shared import broker, rounds, wakeup

pytestmark = pytest.mark.django_db
FIRST, SECOND, QUEUE = "tests.first", "tests.second", "tests"


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Registers kinds of work that this process serves, and nothing else; no note of theirs is left."""
    monkeypatch.setattr(rounds, "_kinds", {})
    monkeypatch.setattr(app.amqp.queues, "_consume_from", {QUEUE: None})

    def add(task: str, batch: Callable[[], int], full: int = 10) -> None:
        def at(now: datetime) -> int:
            assert now.tzinfo
            return batch()

        rounds.register(rounds.Kind(task, QUEUE, at, full))

    yield add
    for task in (FIRST, SECOND):
        keys = (wakeup.noted, wakeup.called, wakeup.on_duty, wakeup.resting)
        broker.client().delete(*(key(task) for key in keys))
    broker.client().delete(QUEUE)


def sent() -> int:
    """Tasks that wait in the queue."""
    return int(broker.client().llen(QUEUE))


def test_many_wakeups_melt_into_one_until_the_task_starts(kinds: Callable[..., None]) -> None:
    for _ in range(3):
        wakeup.wake(FIRST, QUEUE)
    assert sent() == 1
    wakeup.started(FIRST)
    wakeup.wake(FIRST, QUEUE)
    assert sent() == 2


def test_a_note_that_nobody_read_holds_up_no_call(kinds: Callable[..., None]) -> None:
    broker.client().set(wakeup.on_duty(FIRST), 1)
    wakeup.wake(FIRST, QUEUE)
    assert sent() == 0
    broker.client().delete(wakeup.on_duty(FIRST))  # the worker was killed, and its promise has run out
    wakeup.wake(FIRST, QUEUE)
    wakeup.wake(FIRST, QUEUE)
    assert sent() == 1


def test_on_duty_a_note_is_enough_and_the_work_of_all_queues_is_done(kinds: Callable[..., None]) -> None:
    done: list[str] = []

    def first() -> int:
        done.append(FIRST)
        if len(done) == 1:
            wakeup.wake(SECOND, QUEUE)
            return 1
        return 0

    def second() -> int:
        done.append(SECOND)
        return 0

    kinds(FIRST, first)
    kinds(SECOND, second)
    rounds.serve(FIRST)
    assert done == [FIRST, SECOND, FIRST]  # whoever did something looks once more, when the round is over
    assert sent() == 0
    wakeup.wake(SECOND, QUEUE)
    assert sent() == 1  # nobody is on duty any more


def test_full_batches_follow_at_once_and_the_second_calls_for_help(kinds: Callable[..., None]) -> None:
    left = [10, 10, 3, 0]
    at: list[float] = []
    calls: list[int] = []

    def batch() -> int:
        at.append(time.monotonic())
        calls.append(sent())
        return left.pop(0)

    kinds(FIRST, batch)
    rounds.serve(FIRST)
    assert left == []
    assert calls == [0, 0, 1, 1]
    assert at[3] - at[2] >= rounds.ROUND  # what is few may gather


class Clock:
    """Time that passes only where somebody sleeps or works, and never faster than Valkey's."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
        self.at += seconds


@pytest.mark.parametrize(
    ("done", "took", "pause"),
    [
        (1, 0.001, rounds.ROUND),
        (rounds.MANY - 1, 0.02, 0.02 * rounds.COMPANY),
        (rounds.MANY, 0.02, 0.02 * rounds.MORE_COMPANY),
        (rounds.MANY, 0.05, rounds.LONGEST),
    ],
)
def test_where_many_come_the_next_batch_waits_longer_for_company(
    kinds: Callable[..., None], monkeypatch: pytest.MonkeyPatch, done: int, took: float, pause: float
) -> None:
    clock = Clock()
    monkeypatch.setattr(rounds, "time", clock)
    left, at = [done, 0], []

    def batch() -> int:
        at.append(clock.monotonic())
        clock.sleep(took)
        return left.pop(0)

    kinds(FIRST, batch, full=1000)
    rounds.serve(FIRST)
    assert left == []
    assert -0.001 < at[1] - at[0] - pause <= rounds.BUSY_GLANCE
    assert not broker.client().exists(wakeup.resting(FIRST))  # nothing is left, so whoever comes next begins at once


def test_what_another_worker_is_at_gathers_until_it_has_ended(kinds: Callable[..., None]) -> None:
    done: list[str] = []

    def second() -> int:
        done.append(SECOND)
        broker.client().delete(wakeup.resting(FIRST))  # the other worker ends
        return 0

    kinds(FIRST, lambda: done.append(FIRST) or 0)
    kinds(SECOND, second)
    broker.client().set(wakeup.resting(FIRST), 1)
    wakeup.wake(SECOND, QUEUE)
    rounds.serve(FIRST)
    assert done == [SECOND, FIRST]


def test_what_never_gathers_is_done_by_several_at_a_time(kinds: Callable[..., None]) -> None:
    at_it: list[int] = []
    kinds(FIRST, lambda: at_it.append(broker.client().exists(wakeup.resting(FIRST))) or 0, full=1)
    rounds.serve(FIRST)
    kinds(FIRST, lambda: at_it.append(broker.client().exists(wakeup.resting(FIRST))) or 0, full=2)
    rounds.serve(FIRST)
    assert at_it == [0, 1]


def test_who_helps_waits_for_nobody(kinds: Callable[..., None]) -> None:
    left = [10, 10, 0]

    def batch() -> int:
        broker.client().set(wakeup.resting(FIRST), 1)  # another worker begins
        return left.pop(0)

    kinds(FIRST, batch)
    rounds.serve(FIRST)
    assert left == []


def test_who_is_called_to_help_waits_for_nobody(kinds: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "LONGEST", 60.0)
    left = [10, 0, 0, 0]

    def batch() -> int:
        done = left.pop(0)
        if 0 < len(left) < 3:
            rounds.serve(FIRST)  # another worker, in the middle of this one's second batch, or of its first
        return done

    kinds(FIRST, batch)
    rounds.serve(FIRST)
    assert left == []


def test_who_fails_leaves_and_calls_others_for_what_it_had_read(kinds: Callable[..., None]) -> None:
    def first() -> int:
        wakeup.wake(SECOND, QUEUE)
        return 1

    def second() -> int:
        raise ValueError(SECOND)

    kinds(SECOND, second)
    kinds(FIRST, first)
    with pytest.raises(ValueError, match=SECOND):
        rounds.serve(FIRST)
    assert sent() == 1  # for the first, which is to be looked at once more; the sweep tries the second again
    assert not broker.client().exists(wakeup.on_duty(FIRST), wakeup.on_duty(SECOND))


def test_a_stint_ends_for_others_and_goes_on_by_a_task(
    kinds: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "STINT", 0.05)
    kinds(FIRST, lambda: 1, full=2)
    rounds.serve(FIRST)
    assert sent() == 1


def test_a_promise_to_look_again_does_not_outlive_its_worker(kinds: Callable[..., None]) -> None:
    promised: list[int] = []

    def batch() -> int:
        promised.append(int(broker.client().pttl(wakeup.on_duty(FIRST))))
        return 0

    kinds(FIRST, batch)
    rounds.serve(FIRST)
    assert 0 < promised[0] <= rounds.PROMISE_MS


def test_without_valkey_one_round_is_done(kinds: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    kinds(FIRST, lambda: done.append(FIRST) or 20)
    with monkeypatch.context() as patched:
        patched.setattr(broker, "client", lambda: redis.Redis(port=1))
        rounds.serve(FIRST)
    assert done == [FIRST]
    assert sent() == 0


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
