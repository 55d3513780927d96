"""What a marketer writes down about a person."""

from django.conf import settings
from django.db import models


class Note(models.Model):
    """One note, by whom and when. Its text is about a person, so nothing but this row ever repeats it."""

    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["profile", "at"], name="note_profile_at")]

    def __str__(self) -> str:
        return f"#{self.pk}"
