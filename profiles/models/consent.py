"""What people agreed to, and addresses never to be written to."""

from django.db import models


class Topic(models.Model):
    """What people subscribe to. `default_subscribed` is the answer for those who never said yes or no."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    default_subscribed = models.BooleanField(default=True)
    # Order confirmations and the like: sent whatever the consent says.
    transactional = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Consent(models.Model):
    """One profile's yes or no to one topic on one channel (empty channel: on every channel)."""

    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE)
    channel = models.TextField(default="", blank=True)
    subscribed = models.BooleanField()
    source = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "topic", "channel"], name="consent_one")]


class ConsentChange(models.Model):
    """Every yes and no that was ever said, append-only: the proof, where somebody asks for it."""

    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, db_index=False)
    channel = models.TextField(default="", blank=True)
    subscribed = models.BooleanField()
    source = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["profile", "at"], name="consent_change_profile_at"),
            models.Index(fields=["topic"], name="consent_change_topic"),
        ]


class Suppression(models.Model):
    """An address that bounced for good, complained, or was blocked by hand."""

    kind = models.TextField(help_text="The kind of address: email, phone …")
    address = models.TextField()
    reason = models.TextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = "blocked address"
        constraints = [models.UniqueConstraint(fields=["kind", "address"], name="suppression_address")]

    def __str__(self) -> str:
        return self.address
