"""The project: settings, addresses, the Celery application."""

from omnichannel.celery import app as celery_app

__all__ = ["celery_app"]
