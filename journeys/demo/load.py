"""Fill an empty product with the demo shop.

The oldest events are written at once. The last weeks are lived through: the clock walks from then to now, and
events, segments, journeys and messages run through the product's own code at every stop, so that everything on the
screens agrees with everything else.
"""

import random
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from journeys.demo import drawings, people
from journeys.demo.behaviour import Deed, history
from journeys.demo.catalogue import CURRENCY, SHOP_NAME
from journeys.demo.content import LETTERS, TEXTS
from journeys.demo.people import Person
from journeys.demo.world import World
from journeys.models import Journey, Template
from journeys.services import lifecycle
from journeys.services.build import create_journey
from omnichannel.accounts.models import User, Workspace
from omnichannel.shared import clock
from profiles.models import Consent, Event, Identity, Profile, Segment, Topic
from profiles.services import segments

SEED: Final = 20
PAST: Final = timedelta(days=90)
LIVED: Final = timedelta(days=61)  # so that a month can be compared with the month before
# At which hours (UTC) the clock stops: the nearer to now, the oftener, so that what is recent looks lived. Every day
# has a stop at which it is daytime in each of the lands, or nobody there would leave a wait for good hours.
HOURS: Final = (
    (timedelta(days=1), tuple(range(24))),
    (timedelta(days=7), (1, 6, 9, 12, 15, 17, 20, 22)),
    (timedelta(days=31), (9, 13, 18)),
)
RARELY: Final = (9, 17)
KEEP_COPIES: Final = timedelta(days=14)


class AlreadyLoadedError(RuntimeError):
    """There are people already: the demo shop is for an empty product."""


def load(now: datetime, *, size: int = 2000, by: User | None = None) -> None:
    """All of it, in one transaction: workers see the shop when it is complete."""
    if Profile.objects.exists():
        raise AlreadyLoadedError("There are people already.")
    rng = random.Random(SEED)  # noqa: S311 - simulation, not security
    begin = now - LIVED
    with transaction.atomic():
        _workspace(now)
        crowd = people.make_people(size, now, rng)
        deeds = sorted((d for p in crowd for d in history(p, now - PAST, now, rng)), key=lambda deed: deed.at)
        _write_people([person for person in crowd if person.joined_at < begin], begin)
        _write_events([deed for deed in deeds if deed.at < begin])
        try:
            clock.freeze(begin)
            _draw(begin, by)
            _live_through(begin, now, crowd, deque(deed for deed in deeds if deed.at >= begin), rng)
        finally:
            clock.freeze(None)
        _forget_old_copies(now)


def _workspace(now: datetime) -> None:
    shop = Workspace.get()
    shop.name, shop.timezone, shop.currency = SHOP_NAME, "Europe/Berlin", CURRENCY
    shop.sender_name, shop.sender_email = "Lene from Fernweg", "hello@fernweg.example"
    shop.postal_address = "Fernweg GmbH, Am Waldrand 7, 79098 Freiburg"
    shop.simulation_on = True
    shop.save()
    for slug, name, description, transactional in (
        ("marketing", "News and offers", "What is new in the shop, reminders and offers.", False),
        ("journal", "Journal", "Tours, repair tips and stories, twice a month.", False),
        ("orders", "Orders", "Confirmations and parcels: always sent.", True),
    ):
        Topic.objects.get_or_create(
            slug=slug, defaults={"name": name, "description": description, "transactional": transactional}
        )


def _write_people(crowd: Sequence[Person], now: datetime) -> None:
    rows = Profile.objects.bulk_create(
        Profile(attributes=p.attributes, created_at=p.joined_at, updated_at=p.joined_at) for p in crowd
    )
    for person, row in zip(crowd, rows, strict=True):
        person.profile_id = row.pk
    Identity.objects.bulk_create(
        Identity(profile_id=p.profile_id, kind=kind, value=value, created_at=p.joined_at)
        for p in crowd
        for kind, value in p.identities
    )
    write_consents(crowd)


def write_consents(crowd: Iterable[Person]) -> None:
    """What people said when they signed up."""
    topic = Topic.objects.get(slug="marketing")
    Consent.objects.bulk_create(
        Consent(profile_id=p.profile_id, topic=topic, subscribed=p.subscribed, source="sign-up form", at=p.joined_at)
        for p in crowd
    )


def _write_events(deeds: Sequence[Deed]) -> None:
    columns = "profile_id, kind, name, properties, occurred_at, received_at, message_id"
    table = Event._meta.db_table
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for deed in deeds:
                properties = msgspec.json.encode(deed.properties).decode()
                person = deed.person.profile_id
                copy.write_row((person, deed.kind, deed.name, properties, deed.at, deed.at, deed.message_id))
        cursor.execute(
            "INSERT INTO profiles_lastseen (profile_id, at)"
            " SELECT profile_id, max(occurred_at) FROM profiles_event GROUP BY profile_id"
            " ON CONFLICT (profile_id) DO UPDATE SET at = GREATEST(profiles_lastseen.at, EXCLUDED.at)"
        )
        cursor.execute("ANALYZE profiles_profile, profiles_identity, profiles_event")


def _draw(now: datetime, by: User | None) -> None:
    """Segments, content and journeys, as a marketer would have made them a month ago."""
    contents = [(letter.name, "email", letter.content()) for letter in LETTERS]
    contents += [(name, "sms", {"body": body}) for name, body in TEXTS.items()]
    templates = {
        name: Template.objects.create(name=name, channel=channel, content=content, created_by=by).pk
        for name, channel, content in contents
    }
    made = {
        name: segments.create(name, condition, by=by, description=description).pk
        for name, (description, condition) in drawings.SEGMENTS.items()
    }
    segments.build_all(now)
    for spec in drawings.journeys(templates, made):
        lifecycle.publish(create_journey(spec, by, now), by, now)
    for model in (Template, Segment, Journey):
        model._default_manager.update(created_at=now, updated_at=now)


def _live_through(
    begin: datetime, now: datetime, crowd: Sequence[Person], coming: deque[Deed], rng: random.Random
) -> None:
    world = World(crowd, rng)
    joining = deque(person for person in crowd if person.joined_at >= begin)
    for at in _stops(begin, now):
        clock.freeze(at)
        arrivals = list(_until(joining, at, lambda person: person.joined_at))
        world.join(arrivals, at)
        write_consents(arrivals)
        world.live(list(_until(coming, at, lambda deed: deed.at)), at)


def _stops(begin: datetime, now: datetime) -> Iterator[datetime]:
    at = begin.replace(minute=0, second=0, microsecond=0)
    while (at := at + timedelta(hours=1)) < now:
        if at.hour in next((hours for near, hours in HOURS if now - at <= near), RARELY):
            yield at
    yield now


def _until(queue: deque[Any], at: datetime, moment: Any) -> Iterator[Any]:
    while queue and moment(queue[0]) <= at:
        yield queue.popleft()


def _forget_old_copies(now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE journeys_delivery SET rendered = NULL WHERE at < %s", [now - KEEP_COPIES])
