"""Who was joined with whom, why, and what moved: enough to explain each join and to undo it."""

from typing import Any

from django.conf import settings
from django.db import models


class Merge(models.Model):
    """One join of two profiles. `kind` and `value` are the identity that proved it, `call` and `message_id` the call.

    `survivor_before` and `loser_before` are {attributes, created_at, last_seen_at, updated_at}, `identities` the
    [kind, value] pairs that the loser brought. What else moved is in `MergeMoved`.
    """

    survivor = models.ForeignKey(
        "profiles.Profile", on_delete=models.CASCADE, db_constraint=False, related_name="merges"
    )
    loser = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False, related_name="merged")
    kind = models.TextField()
    value = models.TextField()
    call = models.TextField()
    message_id = models.UUIDField()
    survivor_before = models.JSONField()
    loser_before = models.JSONField()
    identities = models.JSONField()
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def filled(self) -> dict[str, Any]:
        """The attributes that the survivor got from the loser."""
        held = self.survivor_before["attributes"]
        return {name: value for name, value in self.loser_before["attributes"].items() if name not in held}


class MergeMoved(models.Model):
    """Rows that a merge moved: ids, or (consents, memberships, list entries, companies) the rows of both sides."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="moved")
    what = models.TextField()
    rows = models.JSONField()


class Apart(models.Model):
    """Two profiles that a marketer took apart: this identity does not join them again."""

    one = models.ForeignKey(
        "profiles.Profile", on_delete=models.CASCADE, db_constraint=False, related_name="apart_from"
    )
    other = models.ForeignKey(
        "profiles.Profile", on_delete=models.CASCADE, db_constraint=False, related_name="kept_apart"
    )
    kind = models.TextField()
    value = models.TextField()
    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="apart")


class JoinRefusal(models.Model):
    """An identity that was not joined or not kept, the first time that it happened to a profile, and why."""

    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    other = models.ForeignKey(  # whose it is
        "profiles.Profile", null=True, on_delete=models.CASCADE, db_constraint=False, related_name="refused_to_others"
    )
    kind = models.TextField()
    value = models.TextField()
    reason = models.TextField()  # a key of `profiles.ingest.rules.REFUSALS`
    message_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "kind", "value", "reason"], name="joinrefusal_once")]
