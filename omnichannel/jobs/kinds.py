"""The kinds of long work there are, and how each is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from omnichannel.jobs.models import Job

Text = str | Promise
Step = Callable[["Job", datetime], bool]

_kinds: dict[str, "Kind"] = {}


class JobError(ValueError):
    """The work cannot go on; the text tells the person who started it why, and what to do."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`step` does one chunk, half a second of work or so, in the transaction of the caller, which saves the job too,
    and says whether more is left. `ended` runs with the end of the job, whatever its state then is.
    `told` says what came of it, `page` where that is better seen than on the job's own page.
    """

    name: str
    step: Step
    label: Text
    icon: str = "progress"
    unit: Text = ""  # what `done` counts: "people", "rows"
    ended: Callable[["Job", datetime], None] | None = None
    told: Callable[["Job"], str] | None = None
    page: Callable[["Job"], str] | None = None
    more: str = ""  # a template that stands below the result; it is given `job`


def register(
    name: str,
    step: Step,
    *,
    label: Text = "",
    icon: str = "progress",
    unit: Text = "",
    ended: Callable[["Job", datetime], None] | None = None,
    told: Callable[["Job"], str] | None = None,
    page: Callable[["Job"], str] | None = None,
    more: str = "",
) -> None:
    """Let jobs of this kind be started. Twice is once: the last counts."""
    _kinds[name] = Kind(name, step, label or name, icon, unit, ended, told, page, more)


def kind(name: str) -> Kind:
    """LookupError where no app brings it any more."""
    return _kinds[name]
