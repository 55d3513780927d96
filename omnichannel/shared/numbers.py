"""Numbers of rows, as addresses and forms carry them: whatever is typed there breaks no page."""

from typing import Final

LONGEST: Final = 18  # digits: more than any row's number has


def number(text: str | None) -> int | None:
    """The number; None: this is none, or a larger one than any row has."""
    return int(text) if text and text.isdecimal() and len(text) <= LONGEST else None
