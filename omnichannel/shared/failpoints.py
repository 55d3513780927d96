"""Named points at which a test may kill this process or raise, to prove that no boundary loses or doubles anything.

`FAILPOINT=runner.written:3` kills, as by kill -9, on the third visit of that point; `runner.written:3:raise` raises
there instead. Off the sandbox it does nothing.
"""

import os
import signal
from typing import Final

POINTS: Final = (
    "build.found",
    "build.piece",
    "imports.written",
    "jobs.stepped",
    "retention.forgotten",
    "retention.committed",
    "inbox.taken",
    "inbox.written",
    "inbox.committed",
    "clocks.claimed",
    "clocks.written",
    "clocks.committed",
    "runner.claimed",
    "runner.loaded",
    "runner.effects_written",
    "runner.written",
    "runner.committed",
    "calls.claimed",
    "calls.called",
    "calls.settled",
    "delivery.claimed",
    "delivery.before_hand_over",
    "delivery.after_hand_over",
    "delivery.before_write_back",
)


class InjectedError(RuntimeError):
    """Raised on purpose by a failpoint."""


_name, _left, _act = "", 0, "kill"


def arm(spec: str) -> None:
    """Set the one failpoint of this process: "name", "name:nth" or "name:nth:raise"; empty disarms."""
    global _name, _left, _act
    name, _, rest = spec.partition(":")
    nth, _, act = rest.partition(":")
    if name and name not in POINTS:
        raise ValueError(f"There is no failpoint {name!r}; there are {', '.join(POINTS)}.")
    _name, _left, _act = name, int(nth or 1), act or "kill"


def hit(name: str) -> None:
    """The process passes the point."""
    global _left
    if name != _name or _left <= 0:
        return
    _left -= 1
    if _left == 0:
        if _act == "raise":
            raise InjectedError(name)
        os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get("SANDBOX") and os.environ.get("FAILPOINT"):
    arm(os.environ["FAILPOINT"])
