"""How far the clock has been followed for an entry that brings people in by it."""

from django.db import models
from django.db.models import Q


class EntryClock(models.Model):
    """One entry of a live journey. Whom the clock called for up to `followed_at` is in; at `due_at` it calls next.

    While people come in, `reached` is the last of them: whoever has a higher number is still to be asked. It moves with
    them in one transaction, so that a killed worker neither loses nor doubles anybody.
    """

    journey_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    node_id = models.BigIntegerField()
    key = models.CharField(max_length=32)  # the node's: publishing again keeps the place
    segment_id = models.BigIntegerField(null=True)
    followed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # None: never again
    until_at = models.DateTimeField(null=True)  # while people come in: for all turns up to then
    reached = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey_id", "key"], name="entry_clock_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="entry_clock_due")]
