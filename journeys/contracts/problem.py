"""Something a marketer has to mend before publishing."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """`text` is a sentence for marketers; `node_key` empty: the whole journey; `level` warning does not block."""

    text: str
    node_key: str = ""
    level: Literal["error", "warning"] = "error"
