"""Requests that arrive at the same time are stored together, as a database groups its commits.

A batch costs its statements, whatever their size. So few threads of a process store at a time, and take along whatever
has come in while they waited for their turn: the busier the process, the larger its batches.
"""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from profiles.ingest.batch import Result, ingest
from profiles.ingest.decode import Call

AT_MOST: Final = 500  # calls in one transaction: a larger one keeps others waiting for its people
AT_ONCE: Final = 2  # transactions of one process: while the database works for one, Python can for the other


@dataclass(eq=False, slots=True)
class _Request:
    """The calls of one request, and what becomes of them: it runs as soon as some batch has taken it along."""

    calls: Sequence[Call]
    now: datetime
    outcome: Future[list[Result]] = field(default_factory=Future)


_waiting: deque[_Request] = deque()
_turns = threading.Semaphore(AT_ONCE)
_taking = threading.Lock()


def ingest_together(calls: Sequence[Call], now: datetime) -> list[Result]:
    """As `ingest`; when this returns, the calls are committed."""
    mine = _Request(calls, now)
    _waiting.append(mine)
    with _turns:
        while not (mine.outcome.running() or mine.outcome.done()):
            _store(_next())
    return mine.outcome.result()


def _next() -> list[_Request]:
    """The oldest; none where another turn has just taken the last ones."""
    with _taking:
        taken: list[_Request] = []
        size = 0
        while _waiting and (not taken or size + len(_waiting[0].calls) <= AT_MOST):
            taken.append(_waiting.popleft())
            size += len(taken[-1].calls)
            taken[-1].outcome.set_running_or_notify_cancel()
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
