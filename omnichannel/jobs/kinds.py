"""The kinds of long work, by name; apps register theirs when they are ready."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnichannel.jobs.models import Job

# One chunk, in the transaction of the caller, which saves the job with it; whether more is left.
Step = Callable[["Job", datetime], bool]

_steps: dict[str, Step] = {}


class JobError(Exception):
    """The work cannot go on; the text is for the person who began it."""


def register(kind: str, step: Step) -> None:
    """Let jobs of this kind be done by `step`."""
    _steps[kind] = step


def step_of(kind: str) -> Step:
    """The step of a kind. JobError: nobody does such work any more."""
    if kind not in _steps:
        raise JobError(f"Nobody does work of the kind {kind!r}.")
    return _steps[kind]
