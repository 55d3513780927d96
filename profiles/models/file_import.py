"""Files of people: what was uploaded, how it is read, and who came in with it."""

from django.conf import settings
from django.db import models


class FileImport(models.Model):
    """One uploaded file. `form` says how it is written, `plan` what its columns become; a check and the import itself
    are jobs of their own.
    """

    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    lines = models.BigIntegerField(default=0)
    file = models.ForeignKey("jobs.StoredFile", null=True, on_delete=models.SET_NULL, related_name="+")
    form = models.JSONField(default=dict)
    plan = models.JSONField(default=dict)
    check_job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    job = models.ForeignKey("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class ImportedPerson(models.Model):
    """Who a file brought, or told something of; once, however many rows name them. `row` is the first of them."""

    file_import = models.ForeignKey(FileImport, on_delete=models.CASCADE, db_index=False, related_name="people")
    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False)
    row = models.BigIntegerField()
    outcome = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file_import", "profile"], name="imported_person_once")]


class CheckedKey(models.Model):
    """A check writes no people, so it remembers by a hash whom the rows before have named. Gone when it is done."""

    job = models.ForeignKey("jobs.Job", on_delete=models.CASCADE, db_index=False)
    hash = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "hash"], name="checked_key_once")]
