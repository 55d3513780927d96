"""One identifier of a profile, and the limits that marketers set to them."""

from django.db import models


class Identity(models.Model):
    """`kind` is one of `profiles.ingest.rules.RULES` or a name of the sender's own; (kind, value) names one profile.

    `met`: user ids of others with whom it came, which is how a shared device shows.
    """

    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, related_name="identities")
    kind = models.TextField()
    value = models.TextField()
    met = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "identities"
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identity_kind_value")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"


class IdentitySettings(models.Model):
    """Row 1: the limits, as `profiles.ingest.rules.Limits` reads them. What is not given is as it comes with us."""

    limits = models.JSONField(default=dict)

    class Meta:
        verbose_name = "identity rules"
        verbose_name_plural = "identity rules"

    def __str__(self) -> str:
        return "identity rules"
