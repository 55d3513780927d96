"""Long work: begun by somebody, done in the background chunk by chunk, watched, stopped, found again.

A kind registers a step in `ready()`; `start` begins one job of that kind.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from omnichannel.jobs.kinds import JobError, Step, register

if TYPE_CHECKING:
    from omnichannel.accounts.models import User
    from omnichannel.jobs.models import Job

__all__ = ["JobError", "Step", "register", "start"]


def start(kind: str, *, title: str, params: dict[str, Any], by: "User | None", now: datetime) -> "Job":
    """Begin a job; it runs once the caller's transaction is committed."""
    from omnichannel.jobs import work

    return work.start(kind, title=title, params=params, by=by, now=now)
