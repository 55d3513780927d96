"""One enrollment's visit to one node, as it was decided."""

from django.db import models


class StepRecord(models.Model):
    """Append-only. `outcome` says what the node decided, `facts` the values that decided it ("why" is read)."""

    enrollment_id = models.BigIntegerField()
    profile_id = models.BigIntegerField()
    node_id = models.BigIntegerField()
    visit = models.PositiveIntegerField()
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField()
    port = models.TextField(default="")
    outcome = models.TextField()
    facts = models.JSONField(null=True)

    class Meta:
        db_table = "journeys_step"
        indexes = [models.Index(fields=["enrollment_id", "visit"], name="step_enrollment")]
