"""What a node may decide. A closed set: a new outcome is an architecture decision, a new node kind is not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Advance:
    """Leave through `port`. `at`: when that was decided, where an event of the past decided it; None: now.

    `after`: the time that had to come first. Who arrives by something of the past leaves no sooner than that.
    """

    port: str = "next"
    at: datetime | None = None
    after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay until `until` (aware; None: for ever) or until one of `changes` is heard of, whichever comes first.

    A change is (kind, key), as the change outbox tells it: ("event", "Order Completed"), ("attribute", "plan").
    """

    until: datetime | None
    changes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Send:
    """Queue one message made from a template, then leave through `port`. `topic_id` None: the version's topic."""

    template_id: int
    channel: str
    port: str = "next"
    topic_id: int | None = None


@dataclass(frozen=True, slots=True)
class UpdateAttributes:
    """Effect: set (or, with None, remove) attributes of the profile."""

    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AddToList:
    """Effect: put the profile on a list of people."""

    list_id: int


@dataclass(frozen=True, slots=True)
class RemoveFromList:
    """Effect: take the profile off a list of people."""

    list_id: int


@dataclass(frozen=True, slots=True)
class EmitEvent:
    """Effect: write down an event of the profile, which segments, goals and other journeys hear as any other."""

    name: str
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StartJourney:
    """Effect: tell another journey of the profile, as the change ("started", its id)."""

    journey_id: int


@dataclass(frozen=True, slots=True)
class ReachGoal:
    """Effect: the enrollment has converted. `exits`: the journey ends with it."""

    exits: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """Do something to the world, then leave through `port`."""

    effect: UpdateAttributes | AddToList | RemoveFromList | EmitEvent | StartJourney | ReachGoal
    port: str = "next"


@dataclass(frozen=True, slots=True)
class Exit:
    """End the journey here."""

    reason: str = ""
    completed: bool = True


@dataclass(frozen=True, slots=True)
class Fail:
    """This enrollment cannot go on; the reason is shown in the journey."""

    reason: str


@dataclass(frozen=True, slots=True)
class CallWebhook:
    """Request: call an address; the node's settings say which and with what. What it says is the answer."""


@dataclass(frozen=True, slots=True)
class AskColleague:
    """Request: a task for a colleague (None: for anybody); the way out that they choose is the answer."""

    assignee_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the world outside, once for each visit, and stay until the answer is there or `until` (None: for ever).

    The answer is the fact `Answer` of the node; templates find it under `name`.
    """

    request: CallWebhook | AskColleague
    name: str
    until: datetime | None = None


Outcome = Advance | Wait | Send | Effect | Ask | Exit | Fail
