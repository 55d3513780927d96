"""Requests that arrive at the same time are stored together, as a database groups its commits.

A batch costs its statements, whatever their size. So one thread of a process stores at a time, and takes along whatever
has come in while it waited for its turn: the busier the process, the larger its batches.
"""

import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from profiles.ingest.batch import Result, ingest
from profiles.ingest.decode import Call

AT_MOST: Final = 1_000  # calls in one transaction


class _Request:
    """The calls of one request, and what became of them."""

    __slots__ = ("calls", "now", "outcome")

    def __init__(self, calls: Sequence[Call], now: datetime) -> None:
        self.calls, self.now = calls, now
        self.outcome: list[Result] | Exception | None = None


_waiting: deque[_Request] = deque()
_turn = threading.Lock()


def ingest_together(calls: Sequence[Call], now: datetime) -> list[Result]:
    """As `ingest`; when this returns, the calls are committed."""
    mine = _Request(calls, now)
    _waiting.append(mine)
    with _turn:
        while mine.outcome is None:
            _store(_next())
    if isinstance(mine.outcome, Exception):
        raise mine.outcome
    return mine.outcome


def _next() -> list[_Request]:
    taken = [_waiting.popleft()]
    size = len(taken[0].calls)
    while _waiting and size + len(_waiting[0].calls) <= AT_MOST:
        taken.append(_waiting.popleft())
        size += len(taken[-1].calls)
    return taken


def _store(requests: Sequence[_Request]) -> None:
    """All in one transaction; where that fails, each in one of its own, so that nobody pays for another's."""
    try:
        results = iter(ingest([call for one in requests for call in one.calls], max(one.now for one in requests)))
        for one in requests:
            one.outcome = [next(results) for _ in one.calls]
    except Exception as error:
        if len(requests) == 1:
            requests[0].outcome = error
            return
        for one in requests:
            _store([one])
