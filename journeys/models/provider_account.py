"""Our account at a provider: who carries a channel's messages."""

from django.db import models
from django.db.models import Q


class ProviderAccount(models.Model):
    """`settings` is encrypted at rest; secrets are never shown again. One default account per channel."""

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=30)
    channel = models.CharField(max_length=30)
    settings = models.BinaryField(default=bytes)
    is_default = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    per_second = models.PositiveIntegerField(null=True, blank=True)
    # What stopped it last, shown on the channels page until it works again.
    error = models.TextField(default="", blank=True)
    error_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["channel", "name"]
        constraints = [
            models.UniqueConstraint(fields=["channel"], condition=Q(is_default=True), name="account_default"),
        ]

    def __str__(self) -> str:
        return self.name
