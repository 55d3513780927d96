"""What became true only after a branch had been taken the other way."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class LateTruth(models.Model):
    """Of one step (enrollment, visit). `cancels`: keys of the steps whose messages, made on the way that was taken, are
    not to be sent any more; empty where the marketer only wants to know.
    """

    enrollment_id = models.BigIntegerField()
    node_id = models.BigIntegerField()
    visit = models.PositiveIntegerField()
    at = models.DateTimeField()
    cancels = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrollment_id", "visit"], name="late_truth_once")]
