"""Long work: done piece by piece in the background, seen by a progress bar, stopped by a click, killed without harm.

A kind of work registers a step that does one piece (`register`); `start` begins a job of that kind.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from omnichannel.jobs.kinds import JobError, Kind, register

if TYPE_CHECKING:
    from omnichannel.accounts.models import User
    from omnichannel.jobs.models import Job

__all__ = ["JobError", "Kind", "register", "start"]


def start(
    kind: str,
    *,
    title: str,
    params: Mapping[str, Any],
    by: "User | None",
    now: datetime,
    details: Mapping[str, str] | None = None,
) -> "Job":
    """Begin a job; it runs once the surrounding transaction has committed. `details` are for the history of changes,
    which tells who began it.
    """
    from omnichannel.jobs import work  # apps register kinds before models can be loaded

    return work.start(kind, title=title, params=params, by=by, now=now, details=details)
