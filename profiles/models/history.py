"""Who was in which segment until when, how large segments were, and what a full check of them found."""

from django.db import models

from profiles.models.segment import Segment


class PastMembership(models.Model):
    """One profile was in one segment, from when until when, and why both. Those inside now are in `Membership`, so both
    together are the whole history: whoever enters writes one row, and whoever leaves another.

    Append-only. In a merge the loser's stays end, for the reason "merged", and nobody's rows move.
    """

    # Nothing but this index is needed to go back to a moment: it gives who has left since.
    pk = models.CompositePrimaryKey("segment", "until", "profile", "since")
    segment = models.ForeignKey(Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.TextField()
    exit_reason = models.TextField()


class SegmentSize(models.Model):
    """How large a segment was at the end of an hour, and how many came and went in it. Hours without a change have no
    row: the one before them counts on.
    """

    pk = models.CompositePrimaryKey("segment", "hour")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, db_index=False)
    hour = models.DateTimeField()
    size = models.BigIntegerField()
    entered = models.BigIntegerField(default=0)
    exited = models.BigIntegerField(default=0)


class SizeCorrection(models.Model):
    """A merge made members fewer without anybody leaving. Kept apart until the next tick, so that ingest never waits
    for the row of a segment.
    """

    segment_id = models.BigIntegerField()
    by = models.BigIntegerField()


class LookedAt(models.Model):
    """Somebody who was looked at again while their segment was being built: newer than what the build has found."""

    segment_id = models.BigIntegerField()
    profile_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["segment_id", "profile_id"], name="lookedat_pair")]


class DeletedSegment(models.Model):
    """A segment that is gone; its memberships and their history are cleared away piece by piece."""

    segment_id = models.BigIntegerField(primary_key=True)


class MembershipClock(models.Model):
    """Row 1: up to when the clock has been followed, said before anybody is looked at for it.

    Whoever looks at somebody afterwards does so as of that moment at least, so that an answer of before the edge of a
    period never overwrites one of after it. `zone` is the workspace's, in which calendar days have been counted so far.
    """

    at = models.DateTimeField()
    zone = models.TextField(db_default="")


class SegmentCheck(models.Model):
    """A full check: everybody asked anew and compared with who is kept as a member. There should be no difference."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="checks", db_index=False)
    at = models.DateTimeField()
    people = models.BigIntegerField()  # members found by asking everybody
    missing = models.BigIntegerField(default=0)  # matched and were not inside: put in
    surplus = models.BigIntegerField(default=0)  # were inside and did not match: taken out
    miscounted = models.BigIntegerField(default=0)  # by how many the size was wrong
    took_ms = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["segment", "-at"], name="segmentcheck_segment_at")]

    @property
    def exact(self) -> bool:
        """Nothing had to be repaired."""
        return not (self.missing or self.surplus or self.miscounted)
