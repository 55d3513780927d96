"""Calls under way at once. No host may take more than half of what is free, so that one which hangs leaves room.

Whoever works with lanes starts, waits a moment, writes down what has come and brings more: what hangs is waited for
beside the others' calls. No database.
"""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ALL_COMPLETED, FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import urlsplit

from journeys.asking.webhook import Call, Fate, Later, call

log = logging.getLogger(__name__)

T = TypeVar("T")

LANES: Final = 32
PATIENCE = 0.5  # seconds without any answer, then others are looked for
TIRING = 2.0  # seconds that a call may take, then its host gets no more for now


@dataclass(frozen=True, slots=True)
class Flight(Generic[T]):
    """A call that is under way, or has come back."""

    item: T
    host: str
    begun: float


class Lanes(Generic[T]):
    """`T` is what the caller knows a call by."""

    def __init__(self, pool: Executor) -> None:
        self.pool = pool
        self.flying: dict[Future[Fate], Flight[T]] = {}
        self.tired: set[str] = set()

    def has_room(self, host: str) -> bool:
        """Whether one more call to this host may start."""
        own = sum(one.host == host for one in self.flying.values())
        free = LANES - len(self.flying)
        return host not in self.tired and own < (free + own + 1) // 2

    def bring(self, waiting: Sequence[tuple[T, Call]]) -> tuple[list[tuple[T, Fate]], list[T]]:
        """Call, until all have come back or nothing comes for a moment: what came, and who could not start."""
        landed: list[tuple[T, Fate]] = []
        while True:
            waiting = [(item, one) for item, one in waiting if not self._started(item, one)]
            if not self.flying:
                break
            until = FIRST_COMPLETED if waiting else ALL_COMPLETED
            ready = wait(self.flying, timeout=PATIENCE, return_when=until).done
            landed += [(self.flying.pop(future).item, future.result()) for future in ready]
            self._notice()
            if not (ready and waiting):
                break
        return landed, [item for item, _one in waiting]

    def _started(self, item: T, one: Call) -> bool:
        host = host_of(one.url)
        if self.has_room(host):
            self.flying[self.pool.submit(_call_safely, one)] = Flight(item, host, time.monotonic())
            return True
        return False

    def _notice(self) -> None:
        long_ago = time.monotonic() - TIRING
        self.tired |= {one.host for one in self.flying.values() if one.begun < long_ago}


def host_of(url: str) -> str:
    """Who is asked: host and port."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _call_safely(one: Call) -> Fate:
    """One call's fault must not lose what the others were told."""
    try:
        return call(one)
    except Exception as error:
        log.exception("a call failed")
        return Later(f"The call failed: {error!r}")
