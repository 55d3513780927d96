"""The task that shows that beat, broker and workers are alive."""

from celery import shared_task

from omnichannel.shared import health


@shared_task(name="omnichannel.shared.tasks.heartbeat")
def heartbeat() -> None:
    """Leave a sign of life."""
    health.heartbeat()
