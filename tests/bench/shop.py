"""A big shop for the benches: people, identities and ninety days of events from a fixed seed, as COPY lines.

The lines are what the product's own writers would have stored: the same columns, JSON shapes and order of arrival.
"""

import json
import random
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final

from journeys.demo.catalogue import CURRENCY, PRODUCTS, SHOP_URL
from journeys.demo.lands import LANDS
from tests.conftest import NOW

SEED: Final = 20
DAYS: Final = 90
START: Final = NOW - timedelta(days=DAYS)
SIGNPOSTS: Final = 100  # one in so many was merged into somebody else
EVENT_COLUMNS: Final = "profile_id, kind, name, properties, context, occurred_at, received_at, message_id"
PROFILE_COLUMNS: Final = "id, attributes, created_at, updated_at, merged_into_id"
SEEN_COLUMNS: Final = "profile_id, at"
IDENTITY_COLUMNS: Final = "profile_id, kind, value, created_at"
# How busy each hour of the day is.
HOURS: Final = (1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 7, 6, 6, 6, 7, 8, 9, 10, 9, 7, 4, 2)
PLANS: Final = (("free", 80), ("plus", 15), ("gold", 5))
MAIL_HOSTS: Final = (
    "gmail.com",
    "gmx.de",
    "outlook.com",
    "icloud.com",
    "web.de",
    "posteo.net",
    "proton.me",
    "corp.example",
)
INTERESTS: Final = ("hiking", "running", "camping", "climbing", "cycling", "travel")
TEMPLATES: Final = ("Welcome", "Your cart is waiting", "New in spring", "We miss you", "Order confirmation", "Journal")
SECOND: Final = tuple(f"{n // 60:02}:{n % 60:02}" for n in range(3600))

Deed = tuple[int, int, str]  # second of the hour, person, what is the rest of its line up to the times


class Shop:
    """So many people and events. `events` first: it learns when everybody was last seen."""

    def __init__(self, people: int, events: int) -> None:
        self.people, self.number = people, events
        self.last_seen = array("l", [0]) * (people + 1)
        self.views = [json.dumps(p.as_properties(), ensure_ascii=False) for p in PRODUCTS]
        self.lines = [[json.dumps(p.as_properties(n), ensure_ascii=False) for n in (1, 2)] for p in PRODUCTS]
        self.pulls = list(accumulate(p.pull for p in PRODUCTS))
        self.places = range(len(PRODUCTS))

    def events(self) -> Iterator[str]:
        """Everything that happened, in order of arrival."""
        rng = random.Random(SEED)
        share = self.number / (DAYS * sum(HOURS))
        due, written = 0.0, 0
        for number in range(DAYS * 24):
            hour = START + timedelta(hours=number)
            due += share * HOURS[hour.hour]
            quota = (self.number if number == DAYS * 24 - 1 else round(due)) - written
            deeds: list[Deed] = []
            while len(deeds) < quota:
                self._session(deeds, rng)
            del deeds[quota:]
            deeds.sort()
            written += quota
            yield from self._lines(deeds, hour, rng)

    def profiles(self) -> Iterator[str]:
        """Everybody with twelve attributes, and the signposts of those who were merged."""
        rng = random.Random(SEED + 1)
        weights = list(accumulate(land.weight for land in LANDS))
        for person in range(1, self.people + 1):
            values = json.dumps(_attributes(person, weights, rng), ensure_ascii=False)
            yield f"{person}\t{values}\t{_joined(person).isoformat()}\t{self._seen(person)}\t\\N\n"
        for number in range(self.people // SIGNPOSTS):
            joined = _joined(number).isoformat()
            yield f"{self.people + 1 + number}\t{{}}\t{joined}\t{joined}\t{rng.randint(1, self.people)}\n"

    def seen(self) -> Iterator[str]:
        """When everybody was seen last; after the events."""
        for person in range(1, self.people + 1):
            yield f"{person}\t{self._seen(person)}\n"

    def _seen(self, person: int) -> str:
        seen = self.last_seen[person]
        return (datetime.fromtimestamp(seen, UTC) if seen else _joined(person)).isoformat()

    def identities(self) -> Iterator[str]:
        """Customer number and e-mail of everybody, and for most the browser they were first seen with."""
        rng = random.Random(SEED + 2)
        for person in range(1, self.people + 1):
            at = _joined(person).isoformat()
            yield f"{person}\tuser_id\tC-{person}\t{at}\n{person}\temail\t{_email(person)}\t{at}\n"
            if person % 10 < 7:
                yield f"{person}\tanonymous_id\t{rng.getrandbits(128):032x}\t{at}\n"

    def _session(self, deeds: list[Deed], rng: random.Random) -> None:
        """Either somebody visits the shop, or a message reaches them. Some people do far more than others."""
        person = int(rng.random() ** 1.5 * self.people) * 7919 % self.people + 1
        at = rng.randrange(3300)
        if rng.random() < 0.4:
            self._message(deeds, person, at, rng)
        else:
            self.visit(deeds, person, at, rng)

    def _message(self, deeds: list[Deed], person: int, at: int, rng: random.Random) -> None:
        template = int(rng.random() * 6)
        said = (
            f'{{"channel": "email", "message": {rng.getrandbits(30)}, "journey": {template + 1}, "journey_name":'
            f' "Journey {template + 1}", "node": "n{template}", "template": {template + 1},'
            f' "template_name": "{TEMPLATES[template]}"'
        )
        deeds.append((at, person, f"message\tMessage Delivered\t{said}}}\t\\N"))
        if rng.random() < 0.4:
            deeds.append((at + 60, person, f"message\tMessage Opened\t{said}}}\t\\N"))
            if rng.random() < 0.2:
                deeds.append((at + 80, person, f'message\tMessage Clicked\t{said}, "url": "{SHOP_URL}/new"}}\t\\N'))

    def visit(self, deeds: list[Deed], person: int, at: int, rng: random.Random) -> None:
        """One visit to the shop."""
        context = CONTEXTS[person % len(CONTEXTS)]
        page = f'{{"title": "Fernweg", "path": "/", "url": "{SHOP_URL}/", "referrer": "https://www.google.com/"}}'
        deeds.append((at, person, f"page\tPage Viewed\t{page}\t{context}"))
        looked = rng.choices(self.places, cum_weights=self.pulls, k=1 + int(rng.random() * 3))
        for place in looked:
            at += 20
            deeds.append((at, person, f"track\tProduct Viewed\t{self.views[place]}\t{context}"))
        if rng.random() >= 0.3:
            return
        cart = [(place, int(rng.random() * 1.3)) for place in looked[:2]]
        for place, more in cart:
            at += 20
            deeds.append((at, person, f"track\tProduct Added\t{self.lines[place][more]}\t{context}"))
        if rng.random() < 0.55:
            total = sum(PRODUCTS[place].price * (more + 1) for place, more in cart)
            listed = ", ".join(self.lines[place][more] for place, more in cart)
            said = (
                f'{{"order_id": "{rng.getrandbits(32)}", "products": [{listed}], "category":'
                f' "{PRODUCTS[cart[0][0]].category}", "shipping": 4.9, "total": {total + 4.9:.2f},'
                f' "currency": "{CURRENCY}"}}'
            )
            deeds.append((at + 60, person, f"track\tOrder Completed\t{said}\t{context}"))

    def _lines(self, deeds: list[Deed], hour: datetime, rng: random.Random) -> Iterator[str]:
        begin, stamp = int(hour.timestamp()), f"{hour:%Y-%m-%d %H}:"
        for second, person, rest in deeds:
            at = f"{stamp}{SECOND[second]}"
            if not rest.startswith("message"):
                self.last_seen[person] = begin + second
            yield f"{person}\t{rest}\t{at}.125Z\t{at}.875Z\t{rng.getrandbits(128):032x}\n"


def _contexts() -> list[str]:
    """What the browser library tells beside each call."""
    made = []
    for land in LANDS:
        for agent in ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X)", "Mozilla/5.0 (X11; Linux x86_64)"):
            library = {"name": "analytics.js", "version": "npm:next-1.84.0"}
            zone = land.cities[0][1]
            told = {"library": library, "locale": f"{land.language}-{land.code}", "timezone": zone, "userAgent": agent}
            made.append(json.dumps(told))
    return made


CONTEXTS: Final = _contexts()


def _joined(person: int) -> datetime:
    """In the two years before; the later, the higher the number."""
    return START - timedelta(seconds=(2_000_003 - person % 2_000_003) * 30)


def _email(person: int) -> str:
    return f"p{person}@{MAIL_HOSTS[person * 31 % 97 % len(MAIL_HOSTS)]}"


def _attributes(person: int, weights: list[int], rng: random.Random) -> dict[str, object]:
    (land,) = rng.choices(LANDS, cum_weights=weights)
    names = land.women if rng.random() < 0.5 else land.men
    city, zone = land.cities[int(rng.random() * len(land.cities))]
    dice = rng.random() * 100
    plan = "free" if dice < PLANS[0][1] else "plus" if dice < PLANS[0][1] + PLANS[1][1] else "gold"
    return {
        "first_name": names[int(rng.random() * len(names))].partition("/")[0],
        "last_name": land.families[int(rng.random() * len(land.families))].partition("/")[0],
        "email": _email(person),
        "phone": f"{land.dial}{person:08}",
        "country": land.code,
        "city": city,
        "language": land.language,
        "timezone": zone,
        "birthday": f"{1950 + int(rng.random() * 55)}-{1 + int(rng.random() * 12):02}-{1 + int(rng.random() * 28):02}",
        "plan": plan,
        "loyalty_points": int(rng.random() ** 3 * 3000),
        "interests": rng.sample(INTERESTS, 2),
    }
