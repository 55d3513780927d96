"""What we decided to say to one profile."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q


class Message(models.Model):
    """The ledger that makes sending exactly-once: (enrollment, node, visit) can exist only once.

    pending → sending → sent, or skipped (policy said no), failed (provider said no), unknown (a crash in flight).
    What came back lives here too, as the first time of each.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        SENDING = "sending", "On its way"
        SENT = "sent", "Sent"
        SKIPPED = "skipped", "Skipped"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Unknown"

    enrollment_id = models.BigIntegerField(null=True)  # null: a test send
    journey_id = models.BigIntegerField(null=True)
    version_id = models.BigIntegerField(null=True)
    node_id = models.BigIntegerField(null=True)
    visit = models.PositiveIntegerField(default=0)
    profile_id = models.BigIntegerField()
    template_id = models.BigIntegerField()
    channel = models.TextField()
    topic_id = models.BigIntegerField(null=True)
    trigger_event_id = models.BigIntegerField(null=True)
    state = models.TextField(choices=State.choices, default=State.PENDING)
    reason = models.TextField(default="", blank=True)
    address = models.TextField(default="", blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_by = models.BigIntegerField(null=True)  # the sender process; it holds an advisory lock on this number
    account_id = models.BigIntegerField(null=True)  # who carries it, once it is claimed
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    # The same without those of machines; what seemed to be a person may turn out to be one, within a minute.
    human_opened_at = models.DateTimeField(null=True)
    human_clicked_at = models.DateTimeField(null=True)
    probed_at = models.DateTimeField(null=True)  # when something last followed the link that nobody sees

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrollment_id", "node_id", "visit"], name="message_once"),
        ]
        indexes = [
            models.Index(fields=["channel", "due_at"], condition=Q(state="pending"), name="message_pending"),
            models.Index(fields=["claimed_by"], condition=Q(state="sending"), name="message_sending"),
            models.Index(fields=["profile_id", "-created_at"], name="message_profile"),
            models.Index(fields=["node_id", "state"], name="message_node"),
            # What came of an age in "in the last 30 days": a few pages each second, at next to no cost for writers.
            BrinIndex(fields=["sent_at"], name="message_sent", pages_per_range=32),
            # Rows enter it only when something went wrong, so it costs those that go well nothing.
            models.Index(fields=["created_at"], condition=Q(state__in=["failed", "unknown"]), name="message_trouble"),
        ]
