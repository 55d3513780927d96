"""The list of segments, and the people in one."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from profiles.models import Membership, Segment

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


def members(segment: Segment, search: str = "") -> QuerySet[Membership]:
    """Who is in it, the latest first."""
    found = Membership.objects.filter(segment=segment).select_related("profile").order_by("-since", "-pk")
    if search:
        found = found.filter(profile__attributes__email__icontains=search) | found.filter(
            profile__attributes__last_name__icontains=search
        )
    return found


def joined_lately(segment: Segment, now: datetime) -> int:
    """How many of those inside came in within the last week, the first build left out."""
    inside: Any = Membership.objects.filter(segment=segment, since__gt=now - RECENT)
    return int(inside.exclude(reason="definition").count())
