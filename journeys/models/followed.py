"""What followed the survivor of a merge, so that it can be given back."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Followed(models.Model):
    """Enrollments and messages that moved with one merge, and the enrollments that it ended, with their due times."""

    merge_id = models.BigIntegerField(unique=True)
    loser_id = models.BigIntegerField(db_index=True)
    survivor_id = models.BigIntegerField(db_index=True)
    enrollments = models.JSONField()
    messages = models.JSONField()
    exited = models.JSONField(encoder=DjangoJSONEncoder)
