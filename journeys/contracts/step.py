"""What a node is given: one enrollment's visit, with the facts it asked for, already loaded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from omnichannel.shared.bucket import bucket


def canonical(value: Any) -> str:
    """The one JSON text of a value, so that equal conditions are equal needs."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")) if value else "[]"


@dataclass(frozen=True, slots=True)
class Attributes:
    """Need: the profile's attributes. Value: dict."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Need: the event that started the enrollment. Value: dict of its properties, {} without one."""


@dataclass(frozen=True, slots=True)
class TriggerName:
    """Need: the name of the event that started the enrollment. Value: text, empty without one."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Need: the first event `name` that matches `where` since this node was entered.

    `where` is the canonical JSON text of property conditions. Value: when it occurred (aware), or None.
    """

    name: str
    where: str = "[]"


@dataclass(frozen=True, slots=True)
class Engagement:
    """Need: what became of the last message that this enrollment's send node `node_key` produced.

    Value: EngagementFact or None when that node has sent nothing.
    """

    node_key: str


# So long after an open or a click it is certain that no machine did it, as far as that can be had.
UNMASKED: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class EngagementFact:
    """`state` is the message's; the times are the first of each, those of `human_` without machines.

    What seems to be a person may turn out to be a machine within `UNMASKED`.
    """

    state: str
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    human_opened_at: datetime | None = None
    human_clicked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Matches:
    """Need: does the profile match a condition (JSON text of `profiles.segments.ast`)? Value: bool."""

    condition: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Need: what came back to the last question that this enrollment's node `node_key` asked; at that node itself, to
    the question of this visit.

    Value: AnswerFact, or None while nothing has come back.
    """

    node_key: str


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """`ok`: it was answered, not given up. `result`: the way out that was chosen. `value`: what was said, as JSON."""

    ok: bool
    at: datetime
    result: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """Need: this visit's turn at a point that lets `people` through in any `seconds`.

    Value: when they may pass (aware). Not later than now: they pass now, and it is counted.
    """

    people: int
    seconds: int


Need = Attributes | Trigger | TriggerName | Happened | Engagement | Matches | Answer | Turn


@dataclass(frozen=True, slots=True)
class Step:
    """Times are aware, UTC. `timezone` is the customer's, else the journey's, else the workspace's."""

    enrollment_id: int
    profile_id: int
    node_key: str
    visit: int
    now: datetime
    entered_at: datetime
    enrolled_at: datetime
    timezone: ZoneInfo
    facts: Mapping[Need, Any] = field(default_factory=dict)

    def fact(self, need: Need) -> Any:
        """The value of a need that the node declared. KeyError: it did not declare it."""
        return self.facts[need]

    def bucket(self, size: int = 10_000) -> int:
        """0 to size - 1, the same for this person at this node on every visit: what makes a split sticky."""
        return bucket(self.node_key, self.profile_id, size)
