"""Changes of a segment that are not saved: they survive a reload and another computer, and count for nobody."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from omnichannel.accounts.models import User
from omnichannel.shared.seen import mark
from profiles.models import Segment, SegmentDraft
from profiles.segments import ast

LONGEST = 500_000  # characters of a condition; the editor writes far less


def mark_of(segment: Segment | None) -> str:
    """The sign of what is saved."""
    return mark(segment.name, segment.description, segment.condition) if segment else ""


def of(segment: Segment | None, user: User) -> SegmentDraft | None:
    """What this person has not saved."""
    return SegmentDraft.objects.filter(segment=segment, user=user).first()


def others(segment: Segment, user: User) -> list[SegmentDraft]:
    """What others have not saved, the latest first."""
    return list(segment.drafts.exclude(user=user).select_related("user").order_by("-at"))


def keep(segment: Segment | None, user: User, given: Mapping[str, str], now: datetime) -> SegmentDraft | None:
    """Keep what stands in the editor; None where that is what is saved. Too much to be a condition is cut off."""
    kept = {name: given.get(name, "")[:LONGEST] for name in ("name", "description", "condition")}
    if segment and _same(segment, kept):
        drop(segment, user)
        return None
    values = kept | {"seen": given.get("seen", "")[:18], "at": now}
    draft, _made = SegmentDraft.objects.update_or_create(segment=segment, user=user, defaults=values)
    return draft


def _same(segment: Segment, kept: Mapping[str, str]) -> bool:
    try:
        condition = ast.dump(ast.parse(json.loads(kept["condition"])))
    except (ValueError, RecursionError):
        return False
    given = (kept["name"], kept["description"], _bare(condition))
    return given == (segment.name, segment.description, _bare(segment.condition))


def _bare(condition: Mapping[str, Any]) -> Mapping[str, Any]:
    """The editor puts a single condition into a group."""
    inside = condition.get("of", ())
    alone = condition.get("type") == "all" and len(inside) == 1 and not condition.get("off")
    return _bare(inside[0]) if alone else condition


def drop(segment: Segment | None, user: User) -> None:
    """Saved, or thrown away."""
    SegmentDraft.objects.filter(segment=segment, user=user).delete()
