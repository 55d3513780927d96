"""Wake-ups for long work. A task carries no arguments: what there is to do is in the database."""

from celery import shared_task

from omnichannel.jobs import work as jobs
from omnichannel.shared import wakeup


@shared_task(name=jobs.TASK)
def work() -> None:
    """Do some, then let others run."""
    wakeup.started(jobs.TASK)
    if jobs.stint():
        jobs.wake()


@shared_task(name="omnichannel.jobs.tasks.tick", expires=5)
def tick() -> None:
    """Find what lost wake-ups left."""
    if jobs.Job.objects.filter(state__in=jobs.GOING).exists():
        jobs.wake()
