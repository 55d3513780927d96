"""Places where a test may kill this process, to prove that nothing is lost or doubled. On the sandbox only.

FAILPOINT="delivery.before_hand_over:3" kills at the third time that place is passed.
"""

import os
import signal
from collections import Counter
from typing import Final

_armed, _, _nth = (os.environ.get("FAILPOINT", "") if os.environ.get("SANDBOX") else "").partition(":")
_passed: Final[Counter[str]] = Counter()


def passing(name: str) -> None:
    """Die here, as by kill -9, when this is the place and the time."""
    if name != _armed:
        return
    _passed[name] += 1
    if _passed[name] == int(_nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
