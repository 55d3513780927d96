"""A customer known to us."""

from datetime import datetime

from django.db import models


class Profile(models.Model):
    """One person. Contact data lives in `attributes` under the reserved names of the Segment spec (email, phone,
    first_name, last_name, name, timezone, language, country, city …), always snake_case.

    After a merge the losing row stays as a signpost: `merged_into` set, attributes emptied.
    """

    attributes = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="merged_from")

    def __str__(self) -> str:
        return self.display_name

    @property
    def last_seen_at(self) -> datetime | None:
        """When they last did something. A list selects `seen` with the profiles."""
        return self.seen.at if hasattr(self, "seen") else None

    @property
    def display_name(self) -> str:
        """The friendliest name there is: a name, the e-mail, the phone, or "Visitor 17"."""
        a = self.attributes
        full = " ".join(str(a[k]) for k in ("first_name", "last_name") if a.get(k))
        return full or str(a.get("name") or a.get("email") or a.get("phone") or f"Visitor {self.pk}")


class LastSeen(models.Model):
    """When somebody last did something; nobody who never did has a row.

    A table of its own, because nearly every visit moves it: the profile, with its indexes, stays as it is. Whoever
    writes holds the row lock of the profile.
    """

    profile = models.OneToOneField(Profile, models.CASCADE, primary_key=True, related_name="seen")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at", "-profile"], name="last_seen_at")]

    def __str__(self) -> str:
        return f"{self.profile_id} at {self.at}"
