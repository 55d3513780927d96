"""What the demo shop's customers do: visits with looks, carts and orders, in the rhythm of days and weeks."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from journeys.demo.catalogue import CURRENCY, PRODUCTS, SHOP_URL, Product
from journeys.demo.people import Person

# Visits by hour of the customer's own day, and by weekday from Monday.
HOURS: Final = (2, 1, 1, 1, 1, 2, 4, 7, 8, 8, 9, 9, 11, 10, 9, 9, 10, 12, 14, 17, 19, 18, 12, 6)
WEEKDAYS: Final = (1.0, 0.95, 0.95, 1.0, 0.9, 1.15, 1.35)
REFERRERS: Final = {
    "Google": "https://www.google.com/",
    "Instagram": "https://l.instagram.com/",
    "Newsletter": "",
    "A friend": "",
    "Direct": "",
    "Partner": "https://bergfreunde-magazin.example/",
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One event of one person, not yet written."""

    person: Person
    name: str
    properties: dict[str, Any]
    at: datetime
    message_id: UUID
    kind: str = "track"


def history(person: Person, since: datetime, until: datetime, rng: random.Random) -> Iterator[Deed]:
    """Everything a person does between two moments, beginning with the sign-up where it falls between them."""
    if since <= person.joined_at < until:
        yield from sign_up(person, person.joined_at, rng)
        if person.habit.name in ("one_time", "lapsed") or rng.random() < 0.4:
            yield from visit(person, person.joined_at + timedelta(minutes=3), rng, eager=2.0)
    day = max(since, person.joined_at).astimezone(person.zone).date()
    last = min(until, person.quiet_from).astimezone(person.zone).date()
    while day <= last:
        if rng.random() < person.habit.visits_a_week / 7 * WEEKDAYS[day.weekday()]:
            at = _moment(datetime.combine(day, time.min, person.zone), rng)
            if max(since, person.joined_at + timedelta(hours=1)) <= at < min(until, person.quiet_from):
                yield from visit(person, at, rng)
        day += timedelta(days=1)


def sign_up(person: Person, at: datetime, rng: random.Random) -> Iterator[Deed]:
    """The event that the welcome journey waits for."""
    source = person.attributes["acquisition_source"]
    properties = {"plan": person.attributes["plan"], "source": source, "newsletter": person.subscribed}
    yield _deed(person, "Signed Up", properties, at, rng)


def visit(
    person: Person, at: datetime, rng: random.Random, *, eager: float = 1.0, source: str | None = None
) -> Iterator[Deed]:
    """One visit to the shop: looks, perhaps a cart, perhaps an order. `eager` raises the odds of the latter two."""
    came_from = source or rng.choice((person.attributes["acquisition_source"], "Direct", "Google"))
    page = {"title": "Fernweg", "path": "/", "url": f"{SHOP_URL}/", "referrer": REFERRERS.get(came_from, "")}
    yield _deed(person, "Page Viewed", {**page, "source": came_from}, at, rng, kind="page")
    looked = _products(person, rng.choice((1, 1, 2, 2, 3)), rng)
    for product in looked:
        at += timedelta(seconds=rng.randrange(20, 180))
        yield _deed(person, "Product Viewed", product.as_properties(), at, rng)
    if rng.random() >= min(person.habit.to_cart * eager, 0.95):
        return
    cart = [(product, rng.choice((1, 1, 1, 2))) for product in looked[: rng.choice((1, 1, 2))]]
    for product, quantity in cart:
        at += timedelta(seconds=rng.randrange(20, 90))
        yield _deed(person, "Product Added", product.as_properties(quantity), at, rng)
    at += timedelta(seconds=rng.randrange(10, 60))
    yield _deed(person, "Cart Viewed", {"products": _lines(cart), "total": _total(cart), "currency": CURRENCY}, at, rng)
    if rng.random() < min(person.habit.to_order * eager, 0.95):
        yield order(person, cart, at + timedelta(seconds=rng.randrange(60, 600)), rng)


def order(person: Person, cart: list[tuple[Product, int]], at: datetime, rng: random.Random) -> Deed:
    """A cart becomes an order."""
    goods = _total(cart)
    shipping = 0.0 if goods >= 60 else 4.9
    properties = {
        "order_id": f"{rng.randrange(10**7, 10**8)}",
        "products": _lines(cart),
        "shipping": shipping,
        "total": round(goods + shipping, 2),
        "currency": CURRENCY,
    }
    return _deed(person, "Order Completed", properties, at, rng)


def _moment(midnight: datetime, rng: random.Random) -> datetime:
    hour = rng.choices(range(24), HOURS)[0]
    local = midnight.replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60))
    return local.astimezone(UTC)


def _products(person: Person, count: int, rng: random.Random) -> list[Product]:
    pulls = [product.pull * (4 if product.category in person.favourites else 1) for product in PRODUCTS]
    return list(dict.fromkeys(rng.choices(PRODUCTS, pulls, k=count)))


def _lines(cart: list[tuple[Product, int]]) -> list[dict[str, Any]]:
    return [product.as_properties(quantity) for product, quantity in cart]


def _total(cart: list[tuple[Product, int]]) -> float:
    return round(sum(product.price * quantity for product, quantity in cart), 2)


def _deed(
    person: Person, name: str, properties: dict[str, Any], at: datetime, rng: random.Random, kind: str = "track"
) -> Deed:
    return Deed(person, name, properties, at, UUID(int=rng.getrandbits(128), version=4), kind)
