"""One attempt at a provider."""

from django.db import models


class Delivery(models.Model):
    """`rendered` keeps what was handed over, so that a message can be read as it was sent."""

    class State(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        RETRY = "retry", "To be tried again"
        UNSURE = "unsure", "Unknown"

    message = models.ForeignKey("journeys.Message", on_delete=models.CASCADE, related_name="deliveries")
    account = models.ForeignKey("journeys.ProviderAccount", null=True, on_delete=models.SET_NULL, db_constraint=False)
    attempt = models.PositiveSmallIntegerField(default=1)
    state = models.TextField(choices=State.choices)
    provider_message_id = models.TextField(default="", blank=True)
    error = models.TextField(default="", blank=True)
    rendered = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at"], name="delivery_account"),
            models.Index(
                fields=["provider_message_id"], condition=~models.Q(provider_message_id=""), name="delivery_provider_id"
            ),
        ]
