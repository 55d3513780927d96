"""What people wanted in a test with the past, where only so many may have it."""

from django.db import models


class Wished(models.Model):
    """One wish of one person in one run (see journeys.engine.contest): when, and when their turn is. Gone with the
    end of the run.
    """

    job_id = models.BigIntegerField()
    profile_id = models.BigIntegerField()
    gate = models.TextField(blank=True)  # empty: a place in the journey
    number = models.IntegerField()
    visit = models.IntegerField()
    at = models.DateTimeField()
    turn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["job_id", "profile_id"], name="wished_profile"),
            models.Index(fields=["job_id", "gate", "at"], name="wished_at"),
        ]
