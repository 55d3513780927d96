"""What a life is made of, as the reference interpreter is told it: what a customer does, and what the journey does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from journeys.engine.questions import Question
from journeys.engine.transition import Walk


@dataclass(frozen=True, slots=True)
class Did:
    """An event of the customer. `id` is its row's, where it is one that really happened; `chain` is that of what a
    journey has written down (see journeys.engine.brakes).
    """

    at: datetime
    name: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None
    chain: int = 0


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
    """The customer, or a machine, opens or clicks the last message that the node has sent."""

    at: datetime
    node_key: str
    what: Literal["opened", "clicked"]
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Called:
    """The clock brings the customer in; not told, but found by the reference itself."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """The customer says yes or no to a topic, by its slug."""

    at: datetime
    topic: str
    subscribed: bool


@dataclass(frozen=True, slots=True)
class Blocked:
    """An address of the customer, of this kind, is not to be written to any more."""

    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Brought:
    """Another journey ("started", by a chain of so many) or a program ("added") brings the customer here."""

    at: datetime
    how: Literal["started", "added"]
    chain: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """The world outside answers what a step has asked and still waits for."""

    at: datetime
    node_key: str
    ok: bool = True
    result: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)


Item = Called | Did | Joined | Left | Became | Reacted | Said | Blocked | Brought | Answered


@dataclass(slots=True)
class Life:
    """One customer as they were when the time that is replayed began, and what happened to them in it."""

    profile_id: int
    attributes: dict[str, Any]
    segments: dict[int, datetime] = field(default_factory=dict)
    before: list[Did] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def zones(self) -> Iterator[Any]:
        """Where they have moved, by name."""
        for item in self.items:
            if isinstance(item, Became) and "timezone" in item.values:
                yield item.values["timezone"]


@dataclass(slots=True)
class Sent:
    """A message; it leaves when its person has come to rest, unless it was overtaken."""

    node_key: str
    visit: int
    made_at: datetime
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    human_opened_at: datetime | None = None
    human_clicked_at: datetime | None = None
    overtaken: bool = False
    refused: str = ""  # why it may not go out, where that is known

    def react(self, what: Literal["opened", "clicked"], at: datetime, machine: bool) -> None:
        """The first of each counts."""
        for name in (f"{what}_at",) if machine else (f"{what}_at", f"human_{what}_at"):
            setattr(self, name, getattr(self, name) or at)


@dataclass(slots=True)
class Passage:
    """One enrollment: where it stands, how it came there, and what it has sent."""

    walk: Walk
    trigger: Item
    entry_key: str = ""
    path: list[tuple[str, str]] = field(default_factory=list)
    messages: list[Sent] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    converted_at: datetime | None = None
    late: dict[int, tuple[datetime, tuple[str, ...]]] = field(default_factory=dict)  # visit → when, what it cancels

    def overtakes(self, message: Sent) -> bool:
        """Is it on a way that would not have been taken?"""
        return any(message.visit > visit and message.node_key in keys for visit, (_, keys) in self.late.items())
