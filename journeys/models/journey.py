"""The named thing that marketers draw."""

from django.conf import settings
from django.db import models


class Journey(models.Model):
    """What is live is `live`, what is being drawn is `draft`; both are versions."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        PAUSED = "paused", "Paused"
        ARCHIVED = "archived", "Archived"

    name = models.CharField(max_length=120)
    description = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    live = models.ForeignKey("journeys.Version", null=True, on_delete=models.PROTECT, related_name="+")
    draft = models.ForeignKey("journeys.Version", null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
