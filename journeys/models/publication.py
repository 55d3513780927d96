"""What a publication did with the people who were inside, kept so that it can be taken back."""

from django.conf import settings
from django.db import models


class Publication(models.Model):
    """`version` took the place of `former`; `plan` says what was chosen for whom, `counts` what came of it."""

    journey = models.ForeignKey("journeys.Journey", on_delete=models.CASCADE, related_name="publications")
    version = models.ForeignKey("journeys.Version", on_delete=models.CASCADE, related_name="+")
    former = models.ForeignKey("journeys.Version", null=True, on_delete=models.CASCADE, related_name="+")
    # It went back to a version that had been live before.
    back = models.BooleanField(default=False)
    plan = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["journey", "-id"], name="publication_journey")]

    @property
    def went(self) -> int:
        """How many people came along into the version."""
        return int(self.counts.get("moved", 0) + self.counts.get("retimed", 0))


class Moved(models.Model):
    """One enrollment that a publication changed: how it was, and where it was put.

    Only the rows of a journey's latest publications are kept: nothing older can be taken back.
    """

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    enrollment_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    node_id = models.BigIntegerField()
    visit = models.PositiveIntegerField()
    state = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField(null=True)
    node_entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(default="", blank=True)
    to_version_id = models.BigIntegerField()
    to_node_id = models.BigIntegerField()
    to_visit = models.PositiveIntegerField()
    to_state = models.PositiveSmallIntegerField()
