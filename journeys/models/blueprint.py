"""A journey saved to start others from; on screen: a template."""

from django.conf import settings
from django.db import models


class Blueprint(models.Model):
    """`text` is the journey as YAML, with everything it uses: it stays what it was whatever becomes of the journey."""

    name = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=400, blank=True)
    text = models.TextField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
