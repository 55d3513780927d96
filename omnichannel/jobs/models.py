"""Jobs, and the files that go into them and come out."""

from django.conf import settings
from django.db import models


class Job(models.Model):
    """One piece of long work. `cursor` is how far it is: it commits together with what was done."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    kind = models.TextField()
    title = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    params = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    stop_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], condition=models.Q(state__in=["waiting", "running"]), name="job_going")]

    def __str__(self) -> str:
        return self.title


class StoredFile(models.Model):
    """A file in pieces, so that its size costs no memory, and every worker on every host reaches it."""

    job = models.ForeignKey(Job, null=True, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Piece(models.Model):
    """Some bytes of a file, from `start` on."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, db_index=False, related_name="pieces")
    start = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "start"], name="piece_start")]
