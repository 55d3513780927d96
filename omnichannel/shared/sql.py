"""Load named SQL statements from `.sql` files.

A file holds statements, each under a line `-- name: claim_due`, with the comments that follow as its explanation.
"""

import re
from functools import cache
from pathlib import Path

NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def load(path: Path) -> dict[str, str]:
    """Statements of one file by name. KeyError names what is missing."""
    parts = NAME.split(path.read_text())
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def escaped(word: str) -> str:
    """Text that LIKE takes literally."""
    return re.sub(r"([\\%_])", r"\\\1", word)
