"""Which jobs somebody sees, and how far they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import ngettext

from omnichannel.accounts.models import ApiKey, User
from omnichannel.jobs.models import Job, StoredFile

FRESH: Final = 20  # jobs that the bell shows at most


def visible_to(user: User, key: ApiKey | None = None) -> QuerySet[Job]:
    """One's own; to admins, and to their keys, everybody's."""
    jobs = Job.objects.select_related("by")
    return jobs if (key or user).may("admin") else jobs.filter(by=user.pk or 0)


def get(pk: int, user: User, key: ApiKey | None = None) -> Job:
    """404 for what somebody else started."""
    return get_object_or_404(visible_to(user, key), pk=pk)


def file_of(job: Job, pk: int) -> StoredFile:
    """A file that came of the job and is there for people."""
    if job.going:
        raise Http404
    return get_object_or_404(job.files.filter(hidden=False), pk=pk)


def titles(ids: Collection[int]) -> dict[int, str]:
    """What these jobs are called."""
    return dict(Job.objects.filter(pk__in=ids).values_list("pk", "title"))


def files_of(job: Job) -> Sequence[StoredFile]:
    """What can be fetched now."""
    return [] if job.going else [one for one in job.files.all() if not one.hidden]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `share` in percent, `rate` per second, `left` in seconds; None where nobody can tell yet."""

    share: float | None
    rate: float | None
    left: float | None


def progress(job: Job, now: datetime) -> Progress:
    """By what was done since it began."""
    share = min(100 * job.done / job.total, 100) if job.total else None
    spent = (now - job.started_at).total_seconds() if job.started_at else 0
    rate = job.done / spent if spent > 1 and job.done else None
    left = (job.total - job.done) / rate if rate and job.total else None
    return Progress(share, rate, left if left is None else max(left, 0))


def words(time: timedelta) -> str:
    """About how long: "3 minutes 20 seconds"."""
    seconds = max(round(time.total_seconds()), 1)
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    parts = []
    if hours:
        parts.append(ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours})
    if minutes:
        parts.append(ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes})
    if seconds and not hours:
        parts.append(ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds})
    return " ".join(parts)


def bell(user: User) -> dict[str, Any]:
    """What somebody has under way, and what has ended since they looked."""
    jobs = list(Job.objects.filter(by=user.pk, seen_at=None).order_by("-id")[:FRESH])
    going = [job for job in jobs if job.going]
    failed = any(job.state == Job.State.FAILED for job in jobs)
    return {"jobs": jobs, "going": len(going), "fresh": len(jobs) - len(going), "failed": failed}


def mark_seen(user: User, now: datetime, job: Job | None = None) -> None:
    """They know what came of it, or of all of theirs that are over."""
    over = Job.objects.filter(~Q(state__in=Job.UNFINISHED), by=user.pk, seen_at=None)
    (over.filter(pk=job.pk) if job else over).update(seen_at=now)
