"""The demo shop's world in motion: what people do goes through the product's own code, and so do their answers."""

import heapq
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import count
from uuid import UUID

from journeys.contracts.provider import Receipt
from journeys.delivery import outbox
from journeys.delivery import receipts as delivery_receipts
from journeys.demo.behaviour import Deed
from journeys.demo.people import Person
from journeys.demo.responses import fate, receipts, visits_after
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
        self._answers: list[tuple[datetime, int, Receipt]] = []
        self._owners: dict[int, Person] = {}
        self._order = count()

    def join(self, arrivals: Sequence[Person], now: datetime) -> None:
        """People whom the product has not met: the shop identifies them."""
        calls = [self._introduction(person) for person in arrivals]
        for person, result in zip(arrivals, ingest(calls, now), strict=True):
            if result.profile_id is not None:
                person.profile_id = result.profile_id
                self.people[result.profile_id] = person

    def live(self, deeds: Sequence[Deed], now: datetime) -> None:
        """Everything up to `now`: deeds, answers to messages, and what follows from both."""
        self.do(deeds, now)
        answers = []
        while self._answers and self._answers[0][0] <= now:
            answers.append(heapq.heappop(self._answers)[2])
        self.answer(answers, now)
        work(now)
        self.expect(Message.objects.filter(state=Message.State.SENT, sent_at=now))

    def do(self, deeds: Sequence[Deed], now: datetime) -> None:
        """Write down what people have done by `now`."""
        self._later(deeds)
        self._do_what_is_due(now)

    def finish(self, now: datetime) -> None:
        """Nobody will call this world again: what has begun is done by `now`."""
        track([_row(deed, now) for _at, _order, deed in sorted(self._coming)], now)
        self._coming.clear()

    def own(self, messages: Iterable[Message]) -> None:
        """Whose messages these are."""
        self._owners |= {message.pk: self.people[message.profile_id] for message in messages}

    def expect(self, messages: Iterable[Message]) -> None:
        """Remember how the people will answer these."""
        for message in messages:
            person = self.people.get(message.profile_id)
            if person is not None:
                self.own([message])
                for receipt in receipts(message, fate(message, person), person):
                    heapq.heappush(self._answers, (receipt.at, next(self._order), receipt))

    def answer(self, answers: Sequence[Receipt], now: datetime) -> None:
        """Opens, clicks and the rest have come. Clicks lead to visits, now or soon."""
        delivery_receipts.record(answers, now)
        self._later(visits_after(answers, self._owners.__getitem__, self.rng))
        self._do_what_is_due(now)

    def _later(self, deeds: Iterable[Deed]) -> None:
        for deed in deeds:
            heapq.heappush(self._coming, (deed.at, next(self._order), deed))

    def _do_what_is_due(self, now: datetime) -> None:
        due = []
        while self._coming and self._coming[0][0] <= now:
            due.append(heapq.heappop(self._coming)[2])
        track([_row(deed, now) for deed in due if deed.person.profile_id], now)

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
    steps: tuple[Callable[[], int], ...] = (
        lambda: membership.take(AT_ONCE, now),
        lambda: inbox.take(AT_ONCE, now),
        lambda: runner.advance(now),
        lambda: outbox.send_due(now),
    )
    while sum(step() for step in steps):
        pass


def _row(deed: Deed, latest: datetime) -> TrackRow:
    at = min(deed.at, latest)
    return TrackRow(deed.person.profile_id, deed.name, deed.properties, at, deed.message_id, deed.kind)
