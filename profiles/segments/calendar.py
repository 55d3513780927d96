"""Whose calendar days count: those of the workspace's zone, carried by `now` wherever a question needs them."""

from collections.abc import Sequence
from datetime import datetime

from omnichannel.accounts.models import Workspace
from profiles.segments.ast import Condition, uses_days
from profiles.segments.zone import carry


def carried(conditions: Sequence[Condition], now: datetime) -> datetime:
    """`now` in the workspace's zone, where one of the conditions asks about days; else as it is."""
    if any(uses_days(condition) for condition in conditions):
        return here(now)
    return now


def here(now: datetime) -> datetime:
    """The moment, with the workspace's zone beside it: for whoever asks filters of days later on."""
    return carry(now, Workspace.get().zone)
