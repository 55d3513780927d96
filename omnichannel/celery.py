"""The Celery application. A task only says that there is work; the work itself is claimed from PostgreSQL."""

import os
from typing import Any

from celery import Celery
from celery.fixups.django import DjangoFixup, DjangoWorkerFixup  # type: ignore[attr-defined]

from omnichannel.shared.garbage import look_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnichannel.settings")


class _WorkerFixup(DjangoWorkerFixup):
    """Celery closes the database connection before and after each task. Most of ours take milliseconds, and opening a
    connection costs as much; so Django's own rule decides: its age, and whether it still works.

    It also runs Django's checks, which import every view, and throws away what they say.
    """

    def validate_models(self) -> None:
        self.django_setup()
        look_seldom()

    def _close_database(self) -> None:
        from django.db import close_old_connections  # not before the settings are there

        close_old_connections()


class _Fixup(DjangoFixup):
    _worker_fixup: Any

    @property
    def worker_fixup(self) -> Any:
        if self._worker_fixup is None:
            self._worker_fixup = _WorkerFixup(self.app)
        return self._worker_fixup


def fixup(app: Celery) -> Any:
    """What makes a worker of this application at home in Django."""
    return _Fixup(app).install()


app = Celery("omnichannel", fixups=["omnichannel.celery:fixup"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
