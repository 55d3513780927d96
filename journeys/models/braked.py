"""People whom journeys brought into each other again and again, until they were stopped."""

from django.db import models


class Braked(models.Model):
    """One person who was not let into one journey for that, and when it was last so. Forgotten after a week."""

    journey_id = models.BigIntegerField()
    profile_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey_id", "profile_id"], name="braked_once")]
