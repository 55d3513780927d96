"""What is left of people who were erased: enough to keep them from coming back by accident, and nothing to read."""

from django.db import models


class Erased(models.Model):
    """A keyed hash of an identity or of a call that named it. `at` is when the person was erased."""

    hash = models.BinaryField(max_length=16, primary_key=True)
    at = models.DateTimeField()
