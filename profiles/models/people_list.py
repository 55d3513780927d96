"""People put together by hand or by an upload, as they are: nobody enters or leaves by themselves."""

from django.conf import settings
from django.db import models


class PeopleList(models.Model):
    """A named list. Segments ask about it with the condition `list`."""

    name = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=400, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        verbose_name = "list"

    def __str__(self) -> str:
        return self.name


class ListEntry(models.Model):
    """One profile on one list, since when and from where ("user:3", "import:7", "api")."""

    list = models.ForeignKey(PeopleList, on_delete=models.CASCADE, db_index=False, related_name="entries")
    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False)
    at = models.DateTimeField()
    source = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "profile"], name="list_entry_once")]
