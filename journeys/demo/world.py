"""The demo shop's world in motion: what people do goes through the product's own code, and so do their answers."""

import heapq
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from journeys.contracts.provider import Receipt
from journeys.delivery import outbox
from journeys.delivery import receipts as delivery_receipts
from journeys.demo.behaviour import Deed
from journeys.demo.people import Person
from journeys.demo.responses import Fate, awaiting, fate, receipts, visits_after
from journeys.engine import inbox, runner
from journeys.models import Message
from profiles.ingest import TrackRow, ingest, track
from profiles.ingest.decode import Call
from profiles.segments import membership

AT_ONCE = 2000


class World:
    """Some people, what they are about to do, and how they answer."""

    def __init__(self, crowd: Iterable[Person], rng: random.Random) -> None:
        self.rng = rng
        self.people = {person.profile_id: person for person in crowd if person.profile_id}
        self._coming: list[tuple[datetime, int, Deed]] = []
        self._order = count()

    def join(self, arrivals: Sequence[Person], now: datetime) -> None:
        """People whom the product has not met: the shop identifies them."""
        calls = [self._introduction(person) for person in arrivals]
        for person, result in zip(arrivals, ingest(calls, now), strict=True):
            if result.profile_id is not None:
                person.profile_id = result.profile_id
                self.people[result.profile_id] = person

    def live(self, deeds: Sequence[Deed], now: datetime) -> None:
        """Everything up to `now`: deeds, their consequences, the answers to messages, and their consequences."""
        self._later(deeds)
        self._do_what_is_due(now)
        work(now)
        if self.answer(awaiting(now), now):
            self._do_what_is_due(now)
            work(now)

    def answer(self, messages: Iterable[Message], now: datetime) -> int:
        """Opens, clicks and the rest that have come by `now`. Clicks lead to visits, now or soon."""
        found: list[Receipt] = []
        owners: dict[int, Person] = {}
        for message in messages:
            person = self.people.get(message.profile_id)
            if person is None:
                continue
            its: Fate = fate(message, person)
            owners[message.pk] = person
            found += receipts(message, its, now)
        delivery_receipts.record(found, now)
        self._later(visits_after(found, owners.__getitem__, self.rng))
        return len(found)

    def _later(self, deeds: Iterable[Deed]) -> None:
        for deed in deeds:
            heapq.heappush(self._coming, (deed.at, next(self._order), deed))

    def _do_what_is_due(self, now: datetime) -> None:
        due = []
        while self._coming and self._coming[0][0] <= now:
            due.append(heapq.heappop(self._coming)[2])
        track([_row(deed) for deed in due if deed.person.profile_id], now)

    def _introduction(self, person: Person) -> Call:
        return Call(
            kind="identify",
            name="Identified",
            user_id=person.number,
            traits=dict(person.attributes),
            occurred_at=person.joined_at,
            message_id=UUID(int=self.rng.getrandbits(128), version=4),
        )


def work(now: datetime) -> None:
    """What the workers would do until there is nothing left to do at this moment."""
    membership.tick(now)
    steps: tuple[Callable[[], Any], ...] = (
        lambda: membership.take(AT_ONCE, now),
        lambda: inbox.take(AT_ONCE, now),
        lambda: runner.advance(now),
        lambda: outbox.send_due(now),
    )
    while any([step() for step in steps]):
        pass


def _row(deed: Deed) -> TrackRow:
    return TrackRow(deed.person.profile_id, deed.name, deed.properties, deed.at, deed.message_id, deed.kind)
