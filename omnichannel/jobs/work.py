"""Doing the work: one chunk at a time, each in a transaction with how far the job is, so that a kill loses nothing."""

import logging
import time
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.utils import OperationalError
from django.utils.translation import gettext as _

from omnichannel.accounts.models import User
from omnichannel.jobs.kinds import JobError, step_of
from omnichannel.jobs.models import Job
from omnichannel.shared import clock, wakeup

log = logging.getLogger(__name__)

TASK: Final = "omnichannel.jobs.tasks.work"
STINT: Final = 1.0  # seconds a worker gives to jobs before it lets others run
GOING: Final = (Job.State.WAITING, Job.State.RUNNING)
SAVED: Final = ("cursor", "state", "done", "total", "result", "error", "started_at", "finished_at", "seen_at")
ATTEMPTS: Final = 3


def start(kind: str, *, title: str, params: dict[str, Any], by: User | None, now: datetime) -> Job:
    """Begin a job."""
    step_of(kind)
    job = Job.objects.create(kind=kind, title=title[:300], params=params, by=by, created_at=now, seen_at=now)
    transaction.on_commit(wake)
    return job


def stop(job: Job) -> None:
    """Ask it to stop; it does after the chunk it is at."""
    Job.objects.filter(pk=job.pk, state__in=GOING).update(stop_requested=True)
    wake()


def wake() -> None:
    """There is work."""
    wakeup.wake(TASK, "default")


def stint() -> bool:
    """Work for a moment on what is oldest and nobody else is at; whether more is left."""
    until = time.monotonic() + STINT
    while chunk(clock.now()) is not None:
        if time.monotonic() > until:
            return True
    return Job.objects.filter(state__in=GOING).exists()


def chunk(now: datetime) -> int | None:
    """One chunk of one job; its id, or None where nothing is to do."""
    pk = None
    try:
        with transaction.atomic():
            going = Job.objects.filter(state__in=GOING).order_by("seen_at", "id")
            job = going.select_for_update(skip_locked=True, of=("self",)).first()
            if job is None:
                return None
            pk = job.pk
            _advance(job, now)
            job.save(update_fields=SAVED)
    except Exception as error:
        if pk is None:
            raise
        _failed(pk, error, now)
    return pk


def _advance(job: Job, now: datetime) -> None:
    job.started_at, job.seen_at = job.started_at or now, now
    if job.stop_requested:
        job.state, job.finished_at = Job.State.STOPPED, now
        return
    job.state = Job.State.RUNNING
    if not step_of(job.kind)(job, now):
        job.state, job.finished_at = Job.State.DONE, now


def _failed(pk: int, error: Exception, now: datetime) -> None:
    """What may pass by itself is tried again; else the job has failed and says why."""
    log.warning("job %s: a chunk failed", pk, exc_info=error)
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=pk)
        tries = job.result.get("tries", 0) + 1
        job.result = {**job.result, "tries": tries}
        job.seen_at = now
        if not isinstance(error, OperationalError) or tries >= ATTEMPTS:
            told = str(error) if isinstance(error, JobError) else _("Something broke on our side.")
            job.state, job.error, job.finished_at = Job.State.FAILED, told, now
        job.save(update_fields=SAVED)
