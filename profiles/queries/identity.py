"""How somebody came to be one person: joins with why and what they brought, and what was not joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from profiles.ingest.rules import REFUSALS
from profiles.models import JoinRefusal, Merge, Profile
from profiles.queries.person import IDENTITY_WORDS

SHOWN: Final = 10
CALLS: Final[dict[str, Promise]] = {
    "identify": _("They told us about themselves"),
    "track": _("Something they did"),
    "page": _("A page they looked at"),
    "screen": _("A screen they looked at"),
    "group": _("They joined a group"),
    "alias": _("An id became another"),
    "import": _("An upload"),
}


@dataclass(frozen=True, slots=True)
class Join:
    """One join as it is shown. `undoable`: it is the latest word on these two."""

    merge: Merge
    name: str
    why: str
    by: str
    brought: Sequence[tuple[str, Any]]
    names: Sequence[tuple[str, str]]
    undoable: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """One identity that was not joined, and why."""

    row: JoinRefusal
    by: str
    why: str


def word(kind: str) -> str:
    """A kind of identity, as people say it."""
    return str(IDENTITY_WORDS.get(kind) or kind.replace("_", " ").capitalize())


def merges_of(profile: Profile) -> QuerySet[Merge]:
    """The joins that made this person, those of their parts, and those that were undone; the latest first."""
    people = Profile.objects.filter(Q(pk=profile.pk) | Q(merged_into=profile.pk)).values("pk")
    return (
        Merge.objects.filter(Q(survivor__in=people) | Q(loser=profile.pk)).select_related("undone_by").order_by("-pk")
    )


def joins(profile: Profile) -> tuple[list[Join], bool]:
    """The latest joins, and whether there are more."""
    found = list(merges_of(profile)[: SHOWN + 1])
    return [_join(one, profile) for one in found[:SHOWN]], len(found) > SHOWN


def _join(merge: Merge, profile: Profile) -> Join:
    before = merge.survivor_before if merge.loser_id == profile.pk else merge.loser_before
    other = merge.survivor_id if merge.loser_id == profile.pk else merge.loser_id
    return Join(
        merge=merge,
        name=Profile(pk=other, attributes=before["attributes"]).display_name,
        why=str(CALLS.get(merge.call, merge.call)),
        by=word(merge.kind),
        brought=sorted(merge.filled.items()),
        names=[(word(kind), value) for kind, value in merge.identities],
        undoable=merge.undone_at is None and merge.survivor_id == profile.pk,
    )


def refusals(profile: Profile) -> list[Refused]:
    """What was not joined with this person, or not kept; the latest first."""
    found = JoinRefusal.objects.filter(profile=profile).order_by("-at", "-pk")[:SHOWN]
    return [Refused(one, word(one.kind), str(REFUSALS.get(one.reason, one.reason))) for one in found]
