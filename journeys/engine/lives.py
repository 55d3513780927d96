"""What a life is made of, as the reference interpreter is told it: what a customer does, and what the journey does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from journeys.engine.transition import Walk


@dataclass(frozen=True, slots=True)
class Did:
    """An event of the customer. `id` is its row's, where it is one that really happened."""

    at: datetime
    name: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The customer starts to match a segment."""

    at: datetime
    segment: int


@dataclass(frozen=True, slots=True)
class Left:
    """The customer stops matching a segment."""

    at: datetime
    segment: int


@dataclass(frozen=True, slots=True)
class Became:
    """Attributes of the customer have new values from then on; None takes one away."""

    at: datetime
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reacted:
    """The customer opens or clicks the last message that the node has sent."""

    at: datetime
    node_key: str
    what: Literal["opened", "clicked"]


Item = Did | Joined | Left | Became | Reacted


@dataclass(slots=True)
class Sent:
    """A message; it leaves when its person has come to rest."""

    node_key: str
    visit: int
    made_at: datetime
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None


@dataclass(slots=True)
class Passage:
    """One enrollment: where it stands, how it came there, and what it has sent."""

    walk: Walk
    trigger: Item
    entry_key: str = ""
    path: list[tuple[str, str]] = field(default_factory=list)
    messages: list[Sent] = field(default_factory=list)
    converted_at: datetime | None = None
