"""A saved audience and who is in it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _


class Segment(models.Model):
    """`condition` is the JSON of `profiles.segments.ast`. `error` says why nobody matches, where that is so."""

    class State(models.TextChoices):
        BUILDING = "building", "Building"
        LIVE = "live", "Live"
        BROKEN = "broken", "Needs repair"

    name = models.CharField(max_length=120, unique=True)
    description = models.CharField(max_length=400, blank=True)
    condition = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.BUILDING)
    error = models.TextField(blank=True)
    size = models.BigIntegerField(default=0)
    # Counts what asks for a build: a build that was overtaken by another reason to build goes for nothing.
    revision = models.PositiveIntegerField(default=0)
    # Of so many differences found, so many are written; None: still looking for them.
    build_total = models.BigIntegerField(null=True)
    build_done = models.BigIntegerField(default=0)
    built_at = models.DateTimeField(null=True)
    # The clock has been followed up to here: conditions with a period have no flips left before this moment.
    ticked_at = models.DateTimeField(null=True)
    # Whether the clock alone can change who is in.
    follows_clock = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One profile in one segment, since when and why. Those of a deleted segment are cleared away afterwards."""

    pk = models.CompositePrimaryKey("segment", "profile")
    segment = models.ForeignKey(
        Segment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="memberships"
    )
    profile = models.ForeignKey("profiles.Profile", on_delete=models.CASCADE, db_constraint=False)
    since = models.DateTimeField()
    reason = models.TextField(blank=True)

    @property
    def reason_in_words(self) -> str:
        """What brought the profile in, as people say it."""
        return reason_in_words(self.reason)


def reason_in_words(reason: str, *, left: bool = False) -> str:
    """Why somebody entered or left, as people say it."""
    cause, _colon, name = reason.removeprefix("quiet:").partition(":")
    texts = {
        "definition": _("the conditions were changed") if left else _("was there when the segment was built"),
        "clock": _("time passed"),
        "created": _("is new"),
        "merged": _("was joined with another profile"),
        "unmerged": _("was taken apart from another profile"),
        "check": _("found by the nightly check"),
        "event": _("did “%s”") % name,
        "forgotten": _("what is old was forgotten: “%s”") % name,
        "amended": _("more became known of “%s”") % name,
        "attribute": _("%s changed") % name.replace("_", " "),
        "entered": _("joined another segment"),
        "exited": _("left another segment"),
        "consent": _("said yes or no to messages"),
        "list": _("an uploaded list changed"),
    }
    return texts.get(cause, reason)
