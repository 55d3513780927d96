"""One profile's passage through one version."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q


class Enrollment(models.Model):
    """The hot row of the engine: small, fixed-width, without foreign-key checks.

    `due_at` null means: nothing to do until an event wakes it. `visit` counts the nodes entered, so that
    (enrollment, visit) names one step and one message. `entry_key` tells two runs of one person apart. `chain` counts
    the journeys that led here one after the other, each within an hour; 0: the person did something, or the clock.
    """

    class State(models.IntegerChoices):
        ACTIVE = 1, "Active"
        COMPLETED = 2, "Completed"
        EXITED = 3, "Exited"
        FAILED = 4, "Failed"

    journey_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    profile_id = models.BigIntegerField()
    node_id = models.BigIntegerField()
    state = models.PositiveSmallIntegerField(choices=State.choices, default=State.ACTIVE)
    visit = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField(null=True)
    entered_at = models.DateTimeField()
    node_entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    converted_at = models.DateTimeField(null=True)
    trigger_event_id = models.BigIntegerField(null=True)
    chain = models.PositiveSmallIntegerField(default=0, db_default=0)
    entry_key = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["journey_id", "profile_id", "entry_key"], condition=Q(state=1), name="enrollment_active_once"
            ),
        ]
        indexes = [
            models.Index(fields=["version_id", "due_at"], condition=Q(state=1), name="enrollment_due"),
            models.Index(fields=["profile_id", "journey_id"], name="enrollment_profile"),
            # Who is at a step, and who leaves it next: one look for each card of a canvas.
            models.Index(fields=["node_id", "due_at"], condition=Q(state=1), name="enrollment_node_due"),
            BrinIndex(fields=["entered_at", "ended_at", "converted_at"], name="enrollment_moments", pages_per_range=32),
        ]
