"""Who was in which segment when, how large segments were, and what a full check of them found."""

from django.db import models
from django.utils.translation import gettext as _

from profiles.models.segment import Segment, reason_in_words


class MembershipEvent(models.Model):
    """One profile entered or left one segment: append-only, written by the statement that changes the membership.

    The rows of one pair alternate in the order of ids and lead to what is true now. Nobody's rows move in a merge: the
    loser leaves and the survivor, where it was not inside yet, enters, both for the reason "merged".
    """

    segment = models.ForeignKey(Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False)
    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    entered = models.BooleanField()
    at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["segment", "at"], name="membershipevent_segment_at"),
            models.Index(fields=["profile", "segment"], name="membershipevent_profile"),
        ]

    @property
    def reason_in_words(self) -> str:
        """What brought the profile in or out, as people say it."""
        if self.reason == "definition" and not self.entered:
            return _("the conditions were changed")
        return reason_in_words(self.reason)


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
    period never overwrites one of after it.
    """

    at = models.DateTimeField()


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
