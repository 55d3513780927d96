"""The change outbox: how the profile store tells others, durably, what has changed."""

from django.db import models


class Interest(models.Model):
    """Somebody wants to hear of changes of one kind. Only changes with an interest are recorded.

    `consumer` is who takes them (segments, journeys), `owner` who declared it ("version:7"), `kind` one of
    event, attribute, consent, entered, exited, merged; `key` the event name, attribute name, segment id … or "*".
    """

    consumer = models.TextField()
    owner = models.TextField()
    kind = models.TextField()
    key = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key", "consumer", "owner"], name="interest_one")]


class Change(models.Model):
    """One change, written in the transaction that made it, taken by DELETE … SKIP LOCKED … RETURNING.

    Changes of one profile are ordered by id: writers hold the profile's row lock while they insert.
    """

    consumer = models.TextField()
    profile_id = models.BigIntegerField()
    kind = models.TextField()
    key = models.TextField()
    event_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["consumer", "id"], name="change_consumer")]
