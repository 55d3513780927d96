"""A customer known to us."""

from django.db import models


class Profile(models.Model):
    """One person. Contact data lives in `attributes` under the reserved names of the Segment spec (email, phone,
    first_name, last_name, name, timezone, language, country, city …), always snake_case.

    After a merge the losing row stays as a signpost: `merged_into` set, attributes emptied.
    """

    attributes = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="merged_from")

    class Meta:
        indexes = [
            models.Index(fields=["-last_seen_at", "-id"], name="profile_last_seen"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The friendliest name there is: a name, the e-mail, the phone, or "Visitor 17"."""
        a = self.attributes
        full = " ".join(str(a[k]) for k in ("first_name", "last_name") if a.get(k))
        return full or str(a.get("name") or a.get("email") or a.get("phone") or f"Visitor {self.pk}")
