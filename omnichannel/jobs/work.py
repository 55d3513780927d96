"""Start, do, stop and end jobs. What a chunk of work did and how far the job is commit together, so that a worker may
die at any moment.
"""

import logging
import secrets
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.utils import OperationalError
from django.utils.translation import gettext as _

from omnichannel.accounts import audit
from omnichannel.accounts.models import User
from omnichannel.jobs import files, kinds
from omnichannel.jobs.models import Job, StoredFile, Turn
from omnichannel.shared import clock, failpoints, wakeup

log = logging.getLogger(__name__)

TASK: Final = "omnichannel.jobs.tasks.work"
QUEUE: Final = "default"
STINT: Final = 1.0  # seconds a worker gives to a job before it lets others run
# Stints that may begin without one chunk getting done: workers die, databases restart, but not for ever.
MOST_TRIES: Final = 8


def start(
    kind: str,
    *,
    title: str,
    params: Mapping[str, Any],
    by: User | None,
    now: datetime,
    details: Mapping[str, str] | None = None,
) -> Job:
    """A new job. LookupError for a kind that nobody has registered."""
    kinds.kind(kind)
    with transaction.atomic():
        job = Job.objects.create(kind=kind, title=title[:400], params=dict(params), by=by, created_at=now)
        Turn.objects.create(job=job, worked_at=now)
        audit.note("started", job, by, details or {})
        transaction.on_commit(wake)
    return job


def wake() -> None:
    """There is work."""
    wakeup.wake(TASK, QUEUE)


def stop(job: Job) -> None:
    """It stops before its next chunk. What is done stays done."""
    if Job.objects.filter(pk=job.pk, state__in=Job.UNFINISHED).update(stop_requested=True):
        transaction.on_commit(wake)


def waiting() -> bool:
    """Whether any job is not over."""
    return Turn.objects.exists()


def stint() -> bool:
    """Work for a moment on the job that has waited longest; whether any is left that nobody may be at."""
    job_id = _next_turn(clock.now())
    if job_id is None:
        return False
    until = time.monotonic() + STINT
    while chunk(job_id, clock.now()) and time.monotonic() < until:
        pass
    return waiting()


def chunk(job_id: int, now: datetime) -> bool:
    """One chunk of a job, in one transaction with how far it is; whether more is left for whoever asked."""
    try:
        with transaction.atomic():
            turn = Turn.objects.select_for_update(skip_locked=True).filter(job=job_id).first()
            return turn is not None and _advance(turn, now)
    except OperationalError:
        log.warning("job %s: the database did not let it be done, it is tried again", job_id, exc_info=True)
    except Exception as error:
        _fail(job_id, error, now)
    return False


def _next_turn(now: datetime) -> int | None:
    """The job that has waited longest and that nobody is at. Counted before the work, so that a job which kills its
    worker is known.
    """
    with transaction.atomic():
        turn = Turn.objects.select_for_update(skip_locked=True).order_by("worked_at", "job_id").first()
        if turn is None:
            return None
        turn.tries += 1
        turn.worked_at = now
        turn.save(update_fields=["tries", "worked_at"])
        return turn.job_id


def _advance(turn: Turn, now: datetime) -> bool:
    job = Job.objects.select_related("by").get(pk=turn.job_id)
    if job.stop_requested:
        _end(job, turn, Job.State.STOPPED, now)
        return False
    if turn.tries > MOST_TRIES:
        raise kinds.JobError(
            _("It was begun again %(n)s times and never got further. What was done before stays.") % {"n": MOST_TRIES}
        )
    if job.state == Job.State.WAITING:
        job.state, job.started_at = Job.State.RUNNING, now
    more = kinds.kind(job.kind).step(job, now)
    failpoints.hit("jobs.stepped")  # not committed yet
    if more:
        job.save(update_fields=["state", "started_at", "cursor", "done", "total", "result"])
        Turn.objects.filter(pk=turn.pk).update(tries=0)
    else:
        _end(job, turn, Job.State.DONE, now)
    return more


def _end(job: Job, turn: Turn, state: Job.State, now: datetime, error: str = "") -> None:
    job.state, job.error, job.finished_at = state, error, now
    if state == Job.State.FAILED:
        _clean_up(job, now)
    elif job.shown_as.ended:
        job.shown_as.ended(job, now)
    files.clear(StoredFile.objects.filter(job=job, hidden=True).values_list("pk", flat=True))
    made = StoredFile.objects.filter(job=job).update(expires_at=now + files.KEPT)
    job.result = {**job.result, "files": made} if made else job.result
    job.save(update_fields=["state", "error", "started_at", "finished_at", "cursor", "done", "total", "result"])
    turn.delete()


def _fail(job_id: int, error: Exception, now: datetime) -> None:
    """The chunk was rolled back; what was done before stays."""
    ident = secrets.token_hex(4)
    log.error("job %s failed id=%s", job_id, ident, exc_info=error)
    if isinstance(error, kinds.JobError):
        text = str(error)
    else:
        text = _("Something broke on our side. Nothing was lost, and it can be started again. Support finds it by %s.")
        text %= ident
    with transaction.atomic():
        turn = Turn.objects.select_for_update().filter(job=job_id).first()
        if turn is not None:
            _end(Job.objects.get(pk=job_id), turn, Job.State.FAILED, now, text)


def _clean_up(job: Job, now: datetime) -> None:
    """What fails again while a failed job is cleared away does not keep it alive."""
    try:
        with transaction.atomic():
            if job.shown_as.ended:
                job.shown_as.ended(job, now)
    except Exception:
        log.exception("job %s could not be cleared away", job.pk)


def tidy(now: datetime) -> int:
    """Forget files whose time is over; how many."""
    over = StoredFile.objects.filter(expires_at__lte=now).exclude(job__state__in=Job.UNFINISHED)
    return files.clear(over.values_list("pk", flat=True)[:100])
