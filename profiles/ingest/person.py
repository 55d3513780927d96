"""What the joining of people works with: persons, their joins, and what is known of them beforehand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from profiles.ingest.identifiers import Identifier
from profiles.ingest.rules import Limits, rule

NEW = 1 << 62  # people without a row yet are younger than all who have one


@dataclass(eq=False, slots=True)
class Person:
    """One person while a batch is worked on. `row` is None as long as there is no profile row."""

    order: int
    row: int | None = None
    since: float | None = None  # when they were first seen, as far as was known, in seconds since 1970
    attributes: dict[str, Any] = field(default_factory=dict)
    held: dict[str, set[str]] = field(default_factory=dict)  # kind of identity → values
    merges: int = 0  # joins of the last day
    changed: bool = False
    first: datetime | None = None
    last: datetime | None = None
    into: "Person | None" = None
    came: int = -1  # the place of the call that brought somebody new
    calls: list[int] = field(default_factory=list)  # places of the calls of this person
    changes: list[int] = field(default_factory=list)  # places of their changes in `Crowd.changes`
    told: tuple[Any, int] | None = None  # the context that was read last, and how many changes there were before
    absorbed: list["Person"] = field(default_factory=list)  # joined to this person in this batch

    @property
    def user_ids(self) -> Collection[str]:
        """The user ids; who has one is known."""
        return self.held.get("user_id", ())

    @property
    def rank(self) -> tuple[int, int]:
        """Who comes first survives: the weightier kind of identity, then the older."""
        return -max((rule(kind).weight for kind, values in self.held.items() if values), default=0), self.order

    def now(self) -> "Person":
        """Who this person has become."""
        person = self
        while person.into is not None:
            person = person.into
        return person


class AttributeChange(NamedTuple):
    """One attribute of one person got another value; `call` is the place of the call that did it."""

    call: int
    person: Person
    name: str
    old: Any
    new: Any
    merge: int | None = None  # the place in `Crowd.merges` of the join that brought it


@dataclass(slots=True)
class Side:
    """One side of a join, as it was before."""

    people: list[Person]  # the person, and who was joined to it in this batch
    attributes: dict[str, Any]
    first: datetime | None
    last: datetime | None


@dataclass(slots=True)
class Joined:
    """One join: who survived, by which identity and call, and what the loser had."""

    call: int
    by: Identifier
    survivor: Person
    loser: Person
    survivor_side: Side
    loser_side: Side
    identities: list[Identifier]
    calls: list[int]
    changes: list[int]


class Refusal(NamedTuple):
    """An identity that was not joined or not kept."""

    call: int
    person: Person
    other: Person | None
    by: Identifier
    reason: str


class Grouped(NamedTuple):
    """A group call: the person belongs to the company of that key, which is known by these attributes."""

    person: Person
    key: str
    values: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What else there is to know about the people of a batch."""

    limits: Limits = field(default_factory=Limits)
    met: Mapping[Identifier, Collection[str]] = field(default_factory=dict)
    apart: Collection[tuple[int, int, Identifier]] = ()  # (row, row, by) in both orders
