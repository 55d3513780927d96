"""Requests that arrive at the same time are stored together, as a database groups its commits.

A batch costs its statements, whatever their size. So few threads of a process store, always the same ones, and take
along whatever has come in meanwhile: the busier the process, the larger its batches.
"""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import close_old_connections, connection

from omnichannel.shared.threads import say_farewell
from profiles.ingest.batch import Result, ingest
from profiles.ingest.decode import Call

AT_MOST: Final = 500  # calls in one transaction: a larger one keeps others waiting for its people
AT_ONCE: Final = 2  # transactions of one process: while the database works for one, Python can for the other


@dataclass(eq=False, slots=True)
class _Request:
    """The calls of one request, and what becomes of them."""

    calls: Sequence[Call]
    now: datetime
    outcome: Future[list[Result]] = field(default_factory=Future)


_waiting: deque[_Request] = deque()
_taking = threading.Lock()
# Threads of their own: a connection that is used all day has at hand what it needs, on both sides.
_storing = ThreadPoolExecutor(AT_ONCE, "storing", say_farewell)


def ingest_together(calls: Sequence[Call], now: datetime) -> list[Result]:
    """As `ingest`; when this returns outside a transaction, the calls are committed."""
    if connection.in_atomic_block:
        return ingest(calls, now)
    mine = _Request(calls, now)
    _waiting.append(mine)
    _storing.submit(_store_next)
    return mine.outcome.result()


def _store_next() -> None:
    """Asked once for each request; those who were taken along leave nothing to do."""
    if taken := _next():
        close_old_connections()
        _store(taken)


def _next() -> list[_Request]:
    """The oldest; none where another thread has just taken the last ones."""
    with _taking:
        taken: list[_Request] = []
        size = 0
        while _waiting and (not taken or size + len(_waiting[0].calls) <= AT_MOST):
            taken.append(_waiting.popleft())
            size += len(taken[-1].calls)
        return taken


def _store(requests: Sequence[_Request]) -> None:
    """All in one transaction; where that fails, each in one of its own, so that nobody pays for another's."""
    try:
        calls = [call for one in requests for call in one.calls]
        results = iter(ingest(calls, max(one.now for one in requests))) if calls else iter(())
        for one in requests:
            one.outcome.set_result([next(results) for _ in one.calls])
    except Exception as error:
        if len(requests) == 1:
            requests[0].outcome.set_exception(error)
            return
        for one in requests:
            _store([one])
