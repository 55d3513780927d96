"""The content of a message on one channel."""

from django.conf import settings
from django.db import models


class Template(models.Model):
    """`content` is what the channel's Content form holds (for e-mail: subject, preheader, format, body, text)."""

    name = models.CharField(max_length=120, unique=True)
    channel = models.CharField(max_length=30)
    content = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
