"""What the project keeps for itself."""

from django.db import models


class ClockOffset(models.Model):
    """How many seconds the sandbox's time machine has moved forward: one row, id 1."""

    seconds = models.FloatField(default=0)
