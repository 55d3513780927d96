"""A process for the crash tests: forgets what is old, in small batches."""

from datetime import datetime

from journeys.services import retention as of_journeys
from profiles.services import retention

BATCH = 7


def main(now: datetime) -> None:
    """Everything that is due."""
    retention.BATCH = of_journeys.BATCH = BATCH  # type: ignore[misc]
    retention.forget_due(now)
