"""Wake-ups for long work. A task carries no arguments: what there is to do is in the database."""

from celery import shared_task

from omnichannel.jobs import work as jobs
from omnichannel.shared import clock, wakeup


@shared_task(name=jobs.TASK)
def work() -> None:
    """Do some, then let others run."""
    wakeup.started(jobs.TASK)
    if jobs.stint():
        jobs.wake()


@shared_task(name="omnichannel.jobs.tasks.tick", expires=5)
def tick() -> None:
    """Every few seconds: find what lost wake-ups and killed workers left, and forget old files."""
    if jobs.waiting():
        jobs.wake()
    jobs.tidy(clock.now())
