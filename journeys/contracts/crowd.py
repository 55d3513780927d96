"""Whom an entry by the clock brings in at a moment: what the engine asks the database for, before the node decides."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Crowd:
    """Of the people in a segment (None: of everybody) those whose attribute `path` is a date near these days.

    `near` may name too many, but nobody too few: each of those found is asked about by `Node.calls`.
    """

    segment_id: int | None = None
    path: str = ""  # empty: the date of nothing counts
    near: tuple[str, ...] = ()  # days ("2026-03-01"), or days of the year ("03-01")
    yearly: bool = False


@dataclass(frozen=True, slots=True)
class Already:
    """Who would have come in, had the journey been live before: whoever is in the segment, or did the event lately."""

    segment_id: int | None = None
    event: str = ""
