"""Long work, whose turn it is, and the files that go into it and come out of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from omnichannel.jobs import kinds


class Job(models.Model):
    """One piece of long work. `params` say what is to be done and never change; `cursor` says how far it is."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Not finished")
        STOPPED = "stopped", _("Stopped")

    UNFINISHED = (State.WAITING, State.RUNNING)

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=400)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="jobs")
    params = models.JSONField(default=dict)
    cursor = models.JSONField(default=dict)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)  # None: not known yet
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    stop_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)  # when who started it saw what came of it

    class Meta:
        ordering = ["-id"]
        verbose_name = _("job")
        indexes = [
            models.Index(fields=["by", "-id"], name="job_by"),
            models.Index(fields=["by"], condition=Q(seen_at=None), name="job_unseen"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def going(self) -> bool:
        """Whether it is not over yet."""
        return self.state in self.UNFINISHED

    @property
    def shown_as(self) -> "kinds.Kind":
        """How this kind of work is shown; also where no app brings it any more."""
        try:
            return kinds.kind(self.kind)
        except LookupError:
            return kinds.Kind(self.kind, lambda _job, _now: False, self.kind)


class Turn(models.Model):
    """Who holds this row works on the job. It is not the job's own row, so that asking it to stop waits for nobody."""

    job = models.OneToOneField(Job, primary_key=True, on_delete=models.CASCADE, related_name="turn")
    worked_at = models.DateTimeField()
    tries = models.IntegerField(default=0)  # stints that began since the last chunk that was done


class StoredFile(models.Model):
    """A file kept in the database, so that every host sees it and a backup has it."""

    job = models.ForeignKey(Job, null=True, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(default=0)
    hidden = models.BooleanField(default=False)  # for the work itself, not for people
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Piece(models.Model):
    """Some bytes of a file, by where they start in it."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, db_index=False, related_name="pieces")
    start = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "start"], name="piece_start")]
