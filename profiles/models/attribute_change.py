"""What an attribute was before, since when it is what it is, and who said so."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class AttributeChange(models.Model):
    """Append-only. `old` or `new` null: the attribute was not there. `source` is the kind of call ("identify"),
    "user:3", "journey:7", "import:2" or "merge:5".

    What somebody came with is one row without a name, whose `new` holds all of it: {name: value}.
    """

    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    name = models.TextField()
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    source = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["profile", "id"], name="attributechange_profile"),
            BrinIndex(fields=["at"], name="attributechange_at", pages_per_range=32),
            # Who has moved lately, among so many people.
            models.Index(fields=["profile", "at"], condition=models.Q(name="timezone"), name="attributechange_zone"),
        ]
