"""One identifier of a profile."""

from django.db import models


class Identity(models.Model):
    """`kind` is one of user_id, anonymous_id, email, phone, device_token, chat_id; (kind, value) names one profile."""

    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, related_name="identities")
    kind = models.TextField()
    value = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "identities"
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identity_kind_value")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"
