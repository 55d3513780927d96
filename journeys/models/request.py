"""What a journey asks of the world outside, and what came back: a webhook to call, a task for a colleague."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Request(models.Model):
    """One question of one enrollment's visit to one node: (enrollment, visit) can exist only once.

    pending → answered, or failed (given up), or cancelled (its person has moved on meanwhile). A webhook is claimed by
    moving `due_at` a lease ahead and counting the attempt: whoever settles it has to name that attempt.
    """

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", "Webhook"
        TASK = "task", "Task"

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        ANSWERED = "answered", "Answered"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "No longer needed"

    kind = models.TextField(choices=Kind.choices)
    name = models.TextField()  # under which templates find the answer
    enrollment_id = models.BigIntegerField()
    journey_id = models.BigIntegerField()
    node_id = models.BigIntegerField()
    node_key = models.TextField()
    visit = models.PositiveIntegerField()
    profile_id = models.BigIntegerField()
    trigger_event_id = models.BigIntegerField(null=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    state = models.TextField(choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # a webhook: when to try (again); a task: until when somebody waits for it
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    result = models.TextField(default="", blank=True)  # the way out of the node
    status = models.PositiveSmallIntegerField(null=True)  # of HTTP
    answer = models.JSONField(null=True)
    error = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrollment_id", "visit"], name="request_once")]
        indexes = [
            models.Index(fields=["kind", "due_at"], condition=Q(state="pending"), name="request_pending"),
            models.Index(fields=["profile_id"], name="request_profile"),
            # The page of tasks shows the last that were done, among very many webhooks.
            models.Index(fields=["answered_at", "id"], condition=Q(kind="task", state="answered"), name="request_done"),
        ]


class WebhookKey(models.Model):
    """What webhooks are signed with. The newest counts; an older one signs along until it ends."""

    secret = models.BinaryField()  # sealed
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
