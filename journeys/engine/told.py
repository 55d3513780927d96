"""Tells the profile store what happened in a journey, for segments that ask about it."""

from collections.abc import Iterable
from datetime import datetime

from profiles.services.changes import NewChange, record


def tell(passages: Iterable[tuple[int, int]], now: datetime) -> None:
    """(profile, journey): who came in, came out or converted. In the caller's transaction."""
    record([NewChange(profile, "journey", str(journey)) for profile, journey in dict.fromkeys(passages)], now)
