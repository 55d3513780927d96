"""Make, change, copy and delete segments. A change of the condition is built in the background."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from omnichannel.shared.seen import OvertakenError
from profiles.models import DeletedSegment, Interest, Segment
from profiles.segments import ast, building
from profiles.segments.interests import interests
from profiles.segments.writing import execute, hold_all_shards
from profiles.services import changes, wake
from profiles.services.segment_drafts import mark_of

if TYPE_CHECKING:
    from omnichannel.accounts.models import User

CLEARED_AT_ONCE: Final = 10_000
# What changes without anybody having decided it.
BY_THEMSELVES: Final = (
    *("size", "state", "error", "revision", "build_total", "build_done"),
    *("built_at", "ticked_at", "follows_clock", "updated_at"),
)
BUILD: Final = "segments:build"  # who builds registers for this in `profiles.services.wake`


class SegmentError(ValueError):
    """The segment cannot be saved like this; the text says why."""


def create(name: str, condition: Mapping[str, Any], *, by: "User | None" = None, description: str = "") -> Segment:
    """A new segment, built in the background. ConditionError, SegmentError: nothing was made."""
    read = ast.parse(condition)
    with transaction.atomic():
        _check(read, None)
        segment = Segment.objects.create(
            name=_free_name(name), description=description, condition=ast.dump(read), created_by=by
        )
        _listen(segment, read)
    return segment


def change(
    segment: Segment, *, name: str, description: str, condition: Mapping[str, Any], seen: str | None = None
) -> Segment:
    """Save; rebuild only when the condition means something else or could not be used.

    OvertakenError: since the change began with what `seen` is the mark of, somebody else has saved.
    """
    read = ast.parse(condition)
    with transaction.atomic():
        stored = Segment.objects.select_for_update().get(pk=segment.pk)
        if seen is not None and seen != mark_of(stored):
            raise OvertakenError
        _check(read, stored.pk)
        stored.name, stored.description = name, description
        if stored.condition != ast.dump(read) or stored.state == Segment.State.BROKEN:
            stored.condition, stored.state = ast.dump(read), Segment.State.BUILDING
            stored.revision += 1
            stored.save()
            _listen(stored, read)
        else:
            stored.save()
    return stored


def duplicate(segment: Segment, *, by: "User | None" = None) -> Segment:
    """A copy under a free name."""
    name = _("%s (copy)") % segment.name
    return create(name, segment.condition, by=by, description=segment.description)


def delete(segment: Segment) -> None:
    """Remove it. Segments that ask about it match nobody from now on, and say so. Its memberships are cleared away
    afterwards: nobody has to wait for that.
    """
    with transaction.atomic():
        hold_all_shards()
        ask_again("entered", str(segment.pk))
        changes.withdraw("segments", owner(segment.pk))
        DeletedSegment.objects.get_or_create(pk=segment.pk)
        segment.delete()


def ask_again(kind: str, key: str) -> None:
    """Build the segments that listen to changes of this kind and key: it changed for everybody, came or went."""
    with transaction.atomic():
        building.ask_again(kind, key)
        transaction.on_commit(partial(wake.wake, BUILD))


def build_all(now: datetime) -> int:
    """Build what waits to be built; segments that ask about others after those. How many were built."""
    built = 0
    while waiting := list(Segment.objects.filter(state=Segment.State.BUILDING).order_by("built_at", "pk")):
        done = 0
        for segment in _in_order(waiting):
            done += building.rebuild(segment.pk, now)
        if not done:
            break
        built += done
    return built


def clear_deleted() -> int:
    """Clear away what deleted segments left, piece by piece; how many rows went."""
    cleared = 0
    for segment_id in DeletedSegment.objects.values_list("pk", flat=True):
        for statement in ("clear_members", "clear_history"):
            while gone := execute(statement, {"segment": segment_id, "limit": CLEARED_AT_ONCE}):
                cleared += gone
        DeletedSegment.objects.filter(pk=segment_id).delete()
    return cleared


def waiting() -> bool:
    """Whether any segment waits to be built, or to be cleared away."""
    return Segment.objects.filter(state=Segment.State.BUILDING).exists() or DeletedSegment.objects.exists()


def owner(segment_id: int) -> str:
    """The name under which a segment listens to changes."""
    return f"segment:{segment_id}"


def _listen(segment: Segment, condition: ast.Condition) -> None:
    changes.declare("segments", owner(segment.pk), interests(condition))
    transaction.on_commit(partial(wake.wake, BUILD))


def _free_name(name: str) -> str:
    """`name`, or "name 2", "name 3" … whichever is free."""
    taken = set(Segment.objects.filter(name__startswith=name[:100]).values_list("name", flat=True))
    if name not in taken:
        return name
    return next(found for n in range(2, len(taken) + 3) if (found := f"{name[:110]} {n}") not in taken)


def _check(condition: ast.Condition, segment_id: int | None) -> None:
    """Every segment asked about exists, and none asks, by any way round, about this one."""
    asked = ast.segments_in(condition)
    if Segment.objects.filter(pk__in=asked).count() < len(asked):
        raise SegmentError(_("It asks about a segment that does not exist."))
    if segment_id is None or not asked:
        return
    asks = _who_asks_whom()
    seen: set[int] = set()
    ahead = list(asked)
    while ahead:
        one = ahead.pop()
        if one == segment_id:
            raise SegmentError(_("It would ask about itself, by way of the segments it asks about."))
        if one not in seen:
            seen.add(one)
            ahead.extend(asks.get(one, ()))


def _who_asks_whom() -> dict[int, set[int]]:
    rows = Interest.objects.filter(consumer="segments", kind="entered").values_list("owner", "key")
    asks: dict[int, set[int]] = {}
    for asking, key in rows:
        asks.setdefault(int(asking.removeprefix("segment:")), set()).add(int(key))
    return asks


def _in_order(waiting: Sequence[Segment]) -> list[Segment]:
    """Those asked about before those that ask."""
    asks, left = _who_asks_whom(), {one.pk: one for one in waiting}
    ordered: list[Segment] = []
    while left:
        ready = [pk for pk in left if not asks.get(pk, set()) & left.keys()] or list(left)
        ordered.extend(left.pop(pk) for pk in ready)
    return ordered
