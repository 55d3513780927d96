"""How long things are kept, and what was forgotten since."""

from django.db import models


class KeepRule(models.Model):
    """Things of one kind are kept for so many months; null: for ever. `name` narrows it: the name of an event.

    `cursor` is where the walk through a table goes on whose rows stay when their content goes.
    """

    what = models.TextField()
    name = models.TextField(default="", blank=True)
    months = models.PositiveSmallIntegerField(null=True, blank=True)
    cursor = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "rule of keeping"
        verbose_name_plural = "rules of keeping"
        constraints = [models.UniqueConstraint(fields=["what", "name"], name="keep_rule_one")]

    def __str__(self) -> str:
        return self.name or self.what


class Forgotten(models.Model):
    """What one rule has removed on one day (UTC), and of how many people; grows with each batch, in its transaction."""

    day = models.DateField()
    what = models.TextField()
    name = models.TextField(default="", blank=True)
    before = models.DateTimeField()
    removed = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "what", "name"], name="forgotten_one")]
