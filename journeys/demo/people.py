"""The demo shop's customers: who they are and how they tend to behave. The same seed gives the same people."""

import random
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from journeys.demo.lands import LANDS, Land

# Customer numbers that begin like this are the demo's own; the simulator touches nobody else.
NUMBER_PREFIX: Final = "fw-"
FIRST_NUMBER: Final = 10_001
SOURCES: Final = {"Google": 34, "Instagram": 22, "Newsletter": 8, "A friend": 14, "Direct": 12, "Partner": 10}
INTERESTS: Final = ("Hiking", "Trail running", "Camping", "Cycling", "Travel", "City")


@dataclass(frozen=True, slots=True)
class Habit:
    """A way of life. `joined` are days before today, `quiet` the days since they were last seen, both (from, to)."""

    name: str
    weight: int
    joined: tuple[int, int]
    quiet: tuple[int, int]
    visits_a_week: float
    to_cart: float
    to_order: float
    opens: float
    clicks: float


HABITS: Final = (
    Habit("loyal", 15, (120, 900), (0, 0), 1.6, 0.27, 0.62, 0.66, 0.17),
    Habit("regular", 21, (90, 700), (0, 0), 0.8, 0.15, 0.45, 0.47, 0.1),
    Habit("one_time", 15, (30, 85), (5, 40), 0.4, 0.2, 0.5, 0.31, 0.05),
    Habit("lapsed", 19, (130, 900), (26, 80), 0.9, 0.24, 0.55, 0.22, 0.04),
    Habit("new", 17, (0, 30), (0, 0), 1.1, 0.16, 0.3, 0.54, 0.13),
    Habit("abandoner", 8, (20, 400), (0, 0), 1.0, 0.55, 0.1, 0.43, 0.12),
    Habit("browser", 5, (60, 500), (0, 0), 1.0, 0.04, 0.1, 0.26, 0.04),
)


@dataclass(slots=True)
class Person:
    """One customer. `attributes` is what the shop knows; the rest drives the simulation."""

    number: str
    habit: Habit
    joined_at: datetime
    quiet_from: datetime
    zone: ZoneInfo
    attributes: dict[str, Any]
    identities: list[tuple[str, str]]
    subscribed: bool
    favourites: tuple[str, ...]
    profile_id: int = 0


def make_people(count: int, now: datetime, rng: random.Random, first_number: int = FIRST_NUMBER) -> list[Person]:
    """`count` customers, in the order in which they joined."""
    people = [_person(rng, now, rng.choices(HABITS, [h.weight for h in HABITS])[0]) for _ in range(count)]
    people.sort(key=lambda person: person.joined_at)
    taken: set[str] = set()
    for number, person in enumerate(people, first_number):
        _introduce(person, f"{NUMBER_PREFIX}{number}", rng, taken)
    return people


def newcomer(number: int, now: datetime, rng: random.Random) -> Person:
    """Somebody who signs up right now."""
    habit = next(habit for habit in HABITS if habit.name == "new")
    person = _person(rng, now, habit)
    person.joined_at = now
    _introduce(person, f"{NUMBER_PREFIX}{number}", rng, set(), unique=str(number))
    return person


def _person(rng: random.Random, now: datetime, habit: Habit) -> Person:
    land = rng.choices(LANDS, [land.weight for land in LANDS])[0]
    city, zone = rng.choice(land.cities)
    woman = rng.random() < 0.53
    first, first_latin = _name(rng.choice(land.women if woman else land.men))
    last, last_latin = _name(rng.choice(land.families))
    joined = now - timedelta(days=rng.uniform(*habit.joined))
    quiet = now - timedelta(days=rng.uniform(*habit.quiet)) if habit.quiet[1] else now + timedelta(days=3650)
    age = min(max(rng.gauss(38, 12), 18), 78)
    attributes: dict[str, Any] = {
        "first_name": first,
        "last_name": last,
        "email": f"{_ascii(first_latin)}.{_ascii(last_latin)}",
        "country": land.code,
        "city": city,
        "language": land.language if rng.random() < 0.93 else "en",
        "timezone": zone,
        "gender": "female" if woman else "male",
        "birthday": (now - timedelta(days=age * 365.25)).date().isoformat(),
        "plan": rng.choices(("free", "plus"), (3, 2) if habit.name == "loyal" else (11, 1))[0],
        "acquisition_source": rng.choices(list(SOURCES), list(SOURCES.values()))[0],
        "interest": rng.choice(INTERESTS),
        "loyalty_points": rng.randrange(200, 2600, 10) if habit.name == "loyal" else rng.randrange(0, 300, 10),
    }
    if rng.random() < 0.46:
        attributes["phone"] = _phone(land, rng)
    favourites = tuple(rng.sample(("Jackets", "Backpacks", "Shoes", "Camp", "Bottles", "Small things"), 2))
    subscribed = rng.random() < (0.98 if habit.name == "loyal" else 0.94)
    return Person("", habit, joined, quiet, ZoneInfo(zone), attributes, [], subscribed, favourites)


def _introduce(person: Person, number: str, rng: random.Random, taken: set[str], unique: str = "") -> None:
    """The customer number and addresses that nobody else has."""
    local = person.attributes["email"] + unique
    if local in taken:
        local = f"{local}{number.removeprefix(NUMBER_PREFIX)}"
    taken.add(local)
    email = f"{local}@example.{rng.choices(('com', 'org', 'net'), (7, 2, 1))[0]}"
    person.number = number
    person.attributes["email"] = email
    person.identities = [("user_id", number), ("email", email)]
    phone = person.attributes.get("phone")
    if phone and phone not in taken:
        taken.add(phone)
        person.identities.append(("phone", phone))
    elif phone:
        del person.attributes["phone"]


def _name(text: str) -> tuple[str, str]:
    shown, _, latin = text.partition("/")
    return shown, latin or shown


def _ascii(text: str) -> str:
    text = text.lower()
    for letter, plain in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o"}.items():
        text = text.replace(letter, plain)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def _phone(land: Land, rng: random.Random) -> str:
    digits = 12 - len(land.dial) if land.dial != "+1415555" else 4
    return land.dial + "".join(str(rng.randrange(10)) for _ in range(max(digits, 4)))
