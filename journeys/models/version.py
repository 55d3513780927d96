"""One immutable drawing of a journey, once it is published."""

from django.conf import settings
from django.db import models


class Version(models.Model):
    """Settings that change how people move belong here, so that an enrollment is pinned to them too."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    class Reentry(models.TextChoices):
        ONCE = "once", "Once in a lifetime"
        AFTER_END = "after_end", "Again, when not inside"
        ALWAYS = "always", "Every time"

    journey = models.ForeignKey("journeys.Journey", on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    # Rises with every edit of a draft; an edit carries the revision it was made on.
    revision = models.PositiveIntegerField(default=0)
    # What the maker of the last edit called it: who got no answer sees by it whether the edit was saved.
    edit = models.CharField(max_length=32, blank=True)
    reentry = models.CharField(max_length=10, choices=Reentry.choices, default=Reentry.AFTER_END)
    # Runs of one person beside each other, one for each value of this property of what brought them in.
    entry_key = models.CharField(max_length=200, blank=True)
    # At most so many entries of one person, in so many hours; and of everybody together. None: as many as like.
    entry_limit = models.PositiveIntegerField(null=True, blank=True)
    entry_limit_hours = models.PositiveIntegerField(null=True, blank=True)
    entry_total = models.PositiveIntegerField(null=True, blank=True)
    # Whose clock counts for people whose own time zone is not known; empty: the workspace's.
    timezone = models.CharField(max_length=64, blank=True)
    topic = models.ForeignKey("profiles.Topic", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    goal_event = models.CharField(max_length=200, blank=True)
    goal_where = models.JSONField(default=list, blank=True)
    goal_window_hours = models.PositiveIntegerField(default=168)
    goal_exits = models.BooleanField(default=False)
    exit_rules = models.JSONField(default=list, blank=True)  # see journeys.engine.exits
    # Nodes of former versions at which people finish a wait as it was, before they go on in this drawing.
    guests = models.JSONField(default=list, blank=True)
    saved_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["journey", "number"], name="version_number")]

    def __str__(self) -> str:
        return f"{self.journey} v{self.number}"
