"""The turns of people at points that let only so many through."""

from django.db import models
from django.db.models import Q


class GateTurn(models.Model):
    """One person's turn at a point that lets only so many through: when they may pass, and when they did."""

    journey_id = models.BigIntegerField()
    node_key = models.TextField()
    enrollment_id = models.BigIntegerField()
    visit = models.PositiveIntegerField()
    at = models.DateTimeField()
    passed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrollment_id", "visit"], name="turn_once")]
        indexes = [
            models.Index(fields=["journey_id", "node_key", "at"], name="turn_at"),
            models.Index(
                fields=["journey_id", "node_key", "passed_at"], condition=Q(passed_at__isnull=False), name="turn_passed"
            ),
        ]
