"""Something a profile did, at a time."""

from django.db import models


class Event(models.Model):
    """Append-only. `kind` is the call of the Segment spec (track, page, screen, identify, group, alias), `message`
    for what happened to a message of ours, or `journey` for what a journey wrote down; `message_id` makes a repeat
    harmless. The table has one column more, for questions: `total`, the number of that name among the properties (see
    schema_events.sql).
    """

    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    kind = models.TextField(default="track")
    name = models.TextField()
    properties = models.JSONField(default=dict)
    context = models.JSONField(null=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    message_id = models.UUIDField(unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["profile", "name", "occurred_at"], name="event_profile_name_at"),
            models.Index(fields=["name", "occurred_at"], include=["profile"], name="event_name_at"),
            # The timeline of one person, from any moment backwards.
            models.Index(fields=["profile", "occurred_at"], name="event_profile_at"),
        ]

    def __str__(self) -> str:
        return self.name
