"""A process for the crash tests: builds every segment that waits for it."""

from datetime import datetime

from profiles.segments import building
from profiles.services import segments

PIECE = 3  # differences written at once


def main(now: datetime) -> None:
    """Build every segment."""
    building.PIECE = PIECE
    segments.build_all(now)
