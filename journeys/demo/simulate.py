"""Simulated customers of the sandbox: a few of the demo shop's people go on living while the switch is on.

Nobody but the demo's own customers is touched: they are known by their customer numbers.
"""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from journeys.contracts.provider import Receipt
from journeys.demo.behaviour import Deed, sign_up, visit
from journeys.demo.people import FIRST_NUMBER, HABITS, NUMBER_PREFIX, Habit, Person, newcomer
from journeys.demo.responses import awaiting, fate, receipts
from journeys.demo.world import World
from journeys.models import Message
from omnichannel.accounts.models import Workspace
from omnichannel.shared import clock
from omnichannel.shared.bucket import bucket
from profiles.models import Identity, Profile

VISITS: Final = 0.4  # how many begin per turn, on average; a turn is a few seconds
SIGN_UPS: Final = 0.02
VISITS_AN_HOUR: Final = 8
AT_ONCE: Final = 500


def turn(now: datetime) -> int:
    """A few seconds of simulated life, where the switch is on. Gives how much happened."""
    if not settings.SANDBOX or not Workspace.get().simulation_on:
        return 0
    rng = random.Random()  # noqa: S311 - simulation, not security
    with transaction.atomic():
        return answer(now, rng) + _visits(now, rng) + _sign_up(now, rng)


def travel(by: timedelta) -> datetime:
    """Move the clock; where the switch is on, with what customers do and answer meanwhile, all at once."""
    with transaction.atomic():
        if Workspace.get().simulation_on:
            rng = random.Random()  # noqa: S311 - simulation, not security
            begun = clock.now()
            answer(begun + by, rng)
            _visits_between(begun, begun + by, rng)
        return clock.travel(by)


def answer(now: datetime, rng: random.Random) -> int:
    """Opens, clicks and the rest that have come by `now`, and the visits that follow from clicks."""
    messages = list(awaiting(now))
    crowd = {person.profile_id: person for person in _known({message.profile_id for message in messages})}
    found: list[Receipt] = []
    owned: list[Message] = []
    for message in messages:
        if message.profile_id in crowd:
            owned.append(message)
            person = crowd[message.profile_id]
            answers = receipts(message, fate(message, person), person)
            found += [receipt for receipt in answers if receipt.at <= now]
    world = World(crowd.values(), rng)
    world.own(owned)
    found = found[:AT_ONCE]
    world.answer(found, now)
    world.finish(now)
    return len(found)


def _visits(now: datetime, rng: random.Random) -> int:
    """Some customers have just been in the shop."""
    crowd = _some(sum(rng.random() < VISITS / 4 for _ in range(4)), rng)
    deeds = [deed for person in crowd for deed in _ending_at(list(visit(person, now, rng)), now)]
    World(crowd, rng).do(deeds, now)
    return len(deeds)


def _visits_between(start: datetime, end: datetime, rng: random.Random) -> None:
    """While the clock jumps, the shop is not empty."""
    crowd = _some(max(int((end - start) / timedelta(hours=1) * VISITS_AN_HOUR), 1), rng)
    deeds: list[Deed] = []
    for person in crowd:
        at = start + rng.random() * (end - start)
        deeds += _ending_at(list(visit(person, at, rng)), at)
    World(crowd, rng).do(deeds, end)


def _some(wanted: int, rng: random.Random) -> list[Person]:
    """Customers of the demo shop, by chance."""
    last = Identity.objects.filter(kind="user_id", value__startswith=NUMBER_PREFIX).order_by("-value").first()
    if last is None or not wanted:
        return []
    highest = int(last.value.removeprefix(NUMBER_PREFIX))
    numbers = [f"{NUMBER_PREFIX}{rng.randint(FIRST_NUMBER, highest)}" for _ in range(wanted)]
    ids = Identity.objects.filter(kind="user_id", value__in=numbers).values_list("profile_id", flat=True)
    return _known(set(ids))


def _sign_up(now: datetime, rng: random.Random) -> int:
    """Now and then somebody new."""
    last = Identity.objects.filter(kind="user_id", value__startswith=NUMBER_PREFIX).order_by("-value").first()
    if last is None or rng.random() >= SIGN_UPS:
        return 0
    person = newcomer(int(last.value.removeprefix(NUMBER_PREFIX)) + 1, now, rng)
    world = World([], rng)
    world.join([person], now)
    world.do(list(sign_up(person, now, rng)), now)
    return 1


def _ending_at(deeds: list[Deed], end: datetime) -> Iterable[Deed]:
    """The visit is over: its last deed is a second old."""
    shift = end - deeds[-1].at - timedelta(seconds=1)
    return [Deed(d.person, d.name, d.properties, d.at + shift, d.message_id, d.kind) for d in deeds]


def _known(profile_ids: set[int]) -> list[Person]:
    """Those of the profiles who are the demo's own, as people with habits."""
    numbers = dict(
        Identity.objects.filter(
            profile_id__in=profile_ids, kind="user_id", value__startswith=NUMBER_PREFIX
        ).values_list("profile_id", "value")
    )
    zone = Workspace.get().zone
    return [
        Person(
            number=numbers[profile.pk],
            habit=habit_of(numbers[profile.pk]),
            joined_at=profile.created_at,
            quiet_from=profile.created_at,
            zone=zone,
            attributes={"acquisition_source": "Direct", "plan": "free", **profile.attributes},
            identities=[],
            subscribed=True,
            favourites=(),
            profile_id=profile.pk,
        )
        for profile in Profile.objects.filter(pk__in=numbers)
    ]


def habit_of(number: str) -> Habit:
    """How somebody lives from now on: always the same for the same customer."""
    alive = [habit for habit in HABITS if habit.name != "lapsed"]
    ticket = bucket("habit", number, sum(habit.weight for habit in alive))
    for habit in alive:
        ticket -= habit.weight
        if ticket < 0:
            return habit
    return alive[-1]
