"""Texts with gaps, as a marketer reads them on a card: "{first name}" where something is filled in."""

import re
from typing import Final

VARIABLE: Final = re.compile(r"\{\{\s*(?:\w+\.)*(\w+)[^}]*\}\}")
TAG: Final = re.compile(r"\{%[^%]*%\}")


def with_gaps(text: str) -> str:
    """On one line; what only steers the text is left out."""
    told = " ".join(TAG.sub("", text).split())
    return VARIABLE.sub(lambda found: "{" + found[1].replace("_", "\u00a0") + "}", told)
