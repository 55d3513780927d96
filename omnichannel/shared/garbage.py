"""How Python looks for garbage in the processes of the product."""

import gc
from typing import Final

# A batch makes some ten thousand objects and lets go of them all at its end. With Python's own 700, looking for cycles
# among them takes an eighth of what ingestion costs.
NEW_OBJECTS: Final = 10_000


def look_seldom() -> None:
    """What is loaded now stays, so it is never looked through; what comes is looked through once in a batch."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 20)
