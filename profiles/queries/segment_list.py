"""The list of segments, and the people in one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from omnichannel.shared.numbers import number
from profiles.models import Membership, Profile, Segment
from profiles.queries import people, segment_history

SORTS: Final = {"name": "name", "-name": "-name", "size": "size", "-size": "-size", "updated": "updated_at",
                "-updated": "-updated_at"}  # fmt: skip
RECENT: Final = timedelta(days=7)


def listed(search: str = "", state: str = "", sort: str = "") -> QuerySet[Segment]:
    """Segments whose name or description holds `search`."""
    found = Segment.objects.order_by(SORTS.get(sort, "name"), "pk")
    if search:
        found = found.filter(name__icontains=search) | found.filter(description__icontains=search)
    return found.filter(state=state) if state in Segment.State.values else found


def get(segment_id: int) -> Segment:
    """One segment, or 404."""
    return get_object_or_404(Segment, pk=segment_id)


def chosen(ids: Sequence[str]) -> list[Segment]:
    """Those of these numbers that exist."""
    return list(Segment.objects.filter(pk__in=[pk for one in ids if (pk := number(one))]))


def members(segment: Segment, search: str = "") -> QuerySet[Membership]:
    """Who is in it, the latest first."""
    found = Membership.objects.filter(segment=segment).select_related("profile").order_by("-since", "-profile_id")
    return found.filter(profile__in=people.search(search, segment=segment.pk)) if search else found


def members_at(segment: Segment, at: datetime, search: str = "") -> QuerySet[Profile]:
    """Who was in it."""
    found = segment_history.members_at(segment, at)
    return found.filter(pk__in=people.search(search)) if search else found


def joined_lately(segment: Segment, now: datetime) -> int:
    """How many of those inside came in within the last week, the first build left out."""
    inside: Any = Membership.objects.filter(segment=segment, since__gt=now - RECENT)
    return int(inside.exclude(reason="definition").count())
