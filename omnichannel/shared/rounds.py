"""Workers on duty: whoever is woken serves every kind of work of its queues, round after round, until nothing comes.

The first wake-up after a rest is a task and is followed at once. While a worker is on duty, a note is enough, and what
comes within a round is done together. So the busier it gets, the larger the batches, and the fewer the tasks.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import redis
from celery import current_app

from omnichannel.shared import broker, clock
from omnichannel.shared.wakeup import call, noted, on_duty, resting, started

log = logging.getLogger(__name__)

ROUND: Final = 0.05  # seconds between two batches of one kind, unless the first was full
# The busier the machine, the longer a batch takes, and the longer the next one waits for company. What a batch costs
# whatever its size is then paid less often, when it matters; most of all where many come.
COMPANY: Final = 6  # times as long as the last batch took
MORE_COMPANY: Final = 20  # the same after a batch of MANY
MANY: Final = 20  # changes or moves
LONGEST: Final = 0.6  # seconds
STINT: Final = 1.0  # seconds on duty, then other tasks of the worker's queues have their turn
REST: Final = 0.1  # seconds without work, then the worker leaves
GLANCE: Final = 0.01  # seconds between two looks when there is nothing to do
BUSY_GLANCE: Final = 0.03  # the same while work gathers: who is busy has no time for looking about
# Whoever is on duty looks again within this time; else others are called.
PROMISE_MS: Final = 150
RENEWED: Final = 0.05  # seconds until the promise is given again
AT_ONCE: Final = 0.0
FULL: Final = b"full"  # in place of a rest, for LONGEST: whoever comes helps


@dataclass(frozen=True, slots=True)
class Kind:
    """Work that a task looks for: `batch` gives how much it has done; `full` or more: there may be more right now."""

    task: str
    queue: str
    batch: Callable[[datetime], int]
    full: int = 1

    @property
    def gathers(self) -> bool:
        """Whether a batch waits for company: then one worker at a time does it, until there is too much for one."""
        return self.full > 1


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Whoever serves the kind's queue does its work in rounds."""
    _kinds[kind.task] = kind


def serve(task: str) -> None:
    """Be on duty for this task and all others of this worker's queues."""
    started(task)
    served = current_app.amqp.queues.consume_from
    _Duty([kind for kind in _kinds.values() if kind.queue in served or kind.task == task], task).serve()


class _Duty:
    """One stint of one worker."""

    def __init__(self, kinds: Sequence[Kind], task: str) -> None:
        self.kinds = kinds
        self.asked = {task}
        self.resting: set[str] = set()  # what another worker is at, or what gathers
        self.plenty: set[str] = set()  # of which somebody's last batch was full
        self.earliest: dict[str, float] = {}  # when the next batch of a kind may begin
        self.promised = AT_ONCE  # when the promise was given last

    def serve(self) -> None:
        """Round after round. A worker that dies meanwhile leaves it to the sweep to call another."""
        try:
            self._rounds()
        finally:
            self._leave()

    def _rounds(self) -> None:
        end = time.monotonic() + STINT
        rest = time.monotonic() + REST
        while (now := time.monotonic()) < end and (self.asked or now < rest):
            if not self._look(now):
                end = now  # this one round; then the sweep calls again
            awake = {task for task in self.asked if task not in self.resting or self._helps(task)}
            due = [one for one in self.kinds if one.task in awake and self.earliest.get(one.task, AT_ONCE) <= now]
            for kind in due:
                self._batch(kind)
                rest = time.monotonic() + REST
            if not due:
                glance = BUSY_GLANCE if self.asked else GLANCE
                time.sleep(max(0.0, min([glance, *(self.earliest[task] - now for task in awake)])))

    def _batch(self, kind: Kind) -> None:
        helps = self._helps(kind.task)
        if kind.gathers and not helps and not self._begin(kind):
            return  # another worker is at it, and what it leaves will be asked for again
        self.asked.discard(kind.task)
        begun = time.monotonic()
        done = kind.batch(clock.now())
        took = time.monotonic() - begun
        if done:
            self.asked.add(kind.task)  # what others held meanwhile, and what a batch had no room for
        company = MORE_COMPANY if done >= MANY else COMPANY
        full = done >= kind.full
        pause = min(max(ROUND, company * took), LONGEST) - took
        self.earliest[kind.task] = AT_ONCE if full else time.monotonic() + pause
        if kind.gathers:
            self._tell(kind, full, pause if done else 0.0)
        if helps and full:
            self._call(kind)  # there is so much that another worker may help

    def _helps(self, task: str) -> bool:
        """The last batch, this worker's or another's, was full: there is work for several workers."""
        return self.earliest.get(task) == AT_ONCE or task in self.plenty

    def _begin(self, kind: Kind) -> bool:
        """Whether no other worker is at this work or lets it gather; from now on this one is."""
        try:
            return bool(broker.client().set(resting(kind.task), 1, nx=True, px=round(LONGEST * 1_000)))
        except redis.RedisError:
            log.warning("the broker does not answer", exc_info=True)
            return True

    def _tell(self, kind: Kind, full: bool, seconds: float) -> None:
        """All workers help, or let it gather: else each would begin a batch of its own in the meantime."""
        try:
            if full:
                broker.client().set(resting(kind.task), FULL, px=round(LONGEST * 1_000))
            elif seconds > 0.001:
                broker.client().set(resting(kind.task), 1, px=round(seconds * 1_000))
            else:
                broker.client().delete(resting(kind.task))
        except redis.RedisError:
            log.warning("the broker does not answer", exc_info=True)

    def _look(self, now: float) -> bool:
        """Read the notes and what rests, and promise to look again. False: Valkey does not answer."""
        self.resting, self.plenty = set(), set()
        try:
            with broker.client().pipeline(transaction=False) as asked:
                asked.mget([key(kind.task) for key in (noted, resting) for kind in self.kinds])
                if now >= self.promised + RENEWED:
                    for kind in self.kinds:
                        asked.set(on_duty(kind.task), 1, px=PROMISE_MS)
                    self.promised = now
                found = asked.execute()[0]
            notes, rests = found[: len(self.kinds)], found[len(self.kinds) :]
            told = {kind.task: rest for kind, rest in zip(self.kinds, rests, strict=True) if rest}
            self.plenty = {task for task, rest in told.items() if rest == FULL}
            self.resting = told.keys() - self.plenty
            for kind, note in zip(self.kinds, notes, strict=True):
                if note and broker.client().delete(noted(kind.task)):  # else another worker was faster
                    self.asked.add(kind.task)
        except redis.RedisError:
            log.warning("the broker does not answer", exc_info=True)
            return False
        return True

    def _leave(self) -> None:
        """Take the promise back first: whoever writes a note from here on calls, and what was written is seen here."""
        try:
            with broker.client().pipeline(transaction=False) as asked:
                asked.delete(*(on_duty(kind.task) for kind in self.kinds))
                for kind in self.kinds:
                    asked.exists(noted(kind.task))
                notes = asked.execute()[1:]
        except redis.RedisError:
            log.warning("the broker does not answer", exc_info=True)
            return
        for kind, note in zip(self.kinds, notes, strict=True):
            if note or kind.task in self.asked:
                self._call(kind)

    def _call(self, kind: Kind) -> None:
        try:
            call(kind.task, kind.queue)
        except Exception:
            log.warning("calling %s failed, the sweep will find its work", kind.task, exc_info=True)
