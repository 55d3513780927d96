"""What decided a step, kept with it: small, and plain enough to be read later, when everything has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from journeys.contracts.step import Answer, Attributes, Engagement, EngagementFact, Happened, Matches, Need, Trigger
from profiles.segments import evaluate
from profiles.segments.ast import Condition, leaves
from profiles.segments.kind import Kind

MOST: Final = 120  # letters of one value
CLOCK: Final = "the clock of"  # no attribute is called so: the zone that counted instead of the person's own


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Whether somebody matches a condition, and on what that rests: put into words only when a step is kept."""

    holds: bool
    condition: Condition
    profile_id: int
    facts: evaluate.Facts

    def __bool__(self) -> bool:
        return self.holds

    def told(self) -> list[tuple[bool, str]]:
        """Each question's answer and what was found, in reading order."""
        asked = [leaf for leaf in leaves(self.condition) if isinstance(leaf, Kind)]
        return [(evaluate.holds_for(leaf, self.profile_id, self.facts), self._found(leaf)) for leaf in asked]

    def _found(self, leaf: Kind) -> str:
        if leaf in self.facts.lost or self.profile_id not in self.facts.people:
            return ""
        return leaf.found(self.profile_id, self.facts.by_kind[type(leaf)], self.facts.now)[:MOST]


class Looked(dict[str, Any]):
    """Attributes or properties that remember which of them were looked at."""

    __slots__ = ("at",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.at: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """The value, which counts as looked at."""
        value = super().get(name, default)
        self.at[name] = value
        return value

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        self.at[name] = value
        return value


def keep(facts: Mapping[Need, Any]) -> dict[str, Any] | None:
    """{what was asked for: what was found}, in JSON; None where nothing was asked for."""
    kept: dict[str, Any] = {}
    for need, value in facts.items():
        match need:
            case Happened(name):
                kept.setdefault("happened", {})[name] = value.isoformat() if value else None
            case Engagement(node_key):
                kept.setdefault("engaged", {})[node_key] = value and _engaged(value)
            case Matches():
                answers = value.told() if isinstance(value, Answered) else []
                kept.setdefault("asked", []).append([bool(value), answers])
            case Attributes():
                kept["attributes"] = _small(value)
            case Answer(node_key):
                told = value and {"ok": value.ok, "at": value.at.isoformat(), "said": _short(value.value)}
                kept.setdefault("answered", {})[node_key] = told
            case Trigger():
                kept["event"] = _small(value)
    return {name: value for name, value in kept.items() if value != {}} or None


def _engaged(value: EngagementFact) -> dict[str, str | None]:
    """When it was opened and clicked; when a person did so, where a machine was first."""
    told: dict[str, datetime | None] = {"opened_at": value.opened_at, "clicked_at": value.clicked_at}
    if value.human_opened_at != value.opened_at:
        told["human_opened_at"] = value.human_opened_at
    if value.human_clicked_at != value.clicked_at:
        told["human_clicked_at"] = value.human_clicked_at
    return {"state": value.state} | {name: at.isoformat() if at else None for name, at in told.items()}


def _small(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was looked at, as far as it is short."""
    looked = values.at if isinstance(values, Looked) else {}
    return {name: _plain(value) for name, value in looked.items() if value is not None}


def _short(values: Mapping[str, Any]) -> dict[str, Any]:
    """The first few plain values of an answer."""
    plain = [(name, value) for name, value in values.items() if not isinstance(value, dict | list)]
    return {name: _plain(value) for name, value in plain[:8]}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, bool | int | float) else str(value)[:MOST]
