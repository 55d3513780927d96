"""What somebody has changed about a segment and not saved: kept for them, and seen by the others."""

from django.conf import settings
from django.db import models

from profiles.models.segment import Segment


class SegmentDraft(models.Model):
    """One for each person and segment; without a segment, it is about a new one. `condition` is the editor's text,
    which need not be finished. `seen` is the mark of the segment as it was saved when the changes began.
    """

    segment = models.ForeignKey(Segment, null=True, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.TextField(blank=True)
    description = models.TextField(blank=True)
    condition = models.TextField(blank=True)
    seen = models.CharField(max_length=18, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "user"], name="segment_draft_one", nulls_distinct=False)
        ]
