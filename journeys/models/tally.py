"""Counters for canvas and reports: appended per batch, summed on reading, compacted now and then."""

from django.db import models


class Tally(models.Model):
    """`count` more of `metric` at a node in a quarter of an hour: days begin at :00, :15, :30 or :45 in UTC, by zone.
    What is older than a week lies at noon of its day.

    Metrics: entered, left (per node); put_in, taken_out (per node, from outside: by a publication or by hand);
    port:<name>; started, completed, exited, failed, converted (per journey, on the entry node); queued, sent,
    delivered, opened, clicked, human_opened, human_clicked (those that are not known to be machines; less again when
    one turns out to be), replied, bounced, complained, unsubscribed, failed_send, skipped:<reason> (per send node, with
    the channel); goal (people who reached the goal, at every step that they had come to); late (people for whom the
    other way came true after the branch was taken).
    """

    journey_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    node_id = models.BigIntegerField()
    channel = models.TextField(default="", blank=True)
    metric = models.TextField()
    quarter = models.DateTimeField()
    count = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["version_id", "node_id", "metric"], name="tally_version"),
            models.Index(fields=["quarter"], name="tally_quarter"),
        ]
