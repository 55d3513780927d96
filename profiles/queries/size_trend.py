"""How large a saved segment was in the last 30 days, as a line to draw."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from profiles.models import SegmentSize

DAYS: Final = 30
WIDTH: Final = 240
HEIGHT: Final = 36


@dataclass(frozen=True, slots=True)
class Trend:
    """`line` and `area` are points in a box of 240 by 36."""

    line: str
    change: int
    days: int

    @property
    def area(self) -> str:
        """The line, closed at the bottom."""
        return f"0,{HEIGHT} {self.line} {WIDTH},{HEIGHT}"


def trend(segment_id: int | None, now: datetime) -> Trend | None:
    """None, where there is no history yet."""
    since = now - timedelta(days=DAYS)
    sizes = SegmentSize.objects.filter(segment=segment_id).order_by("hour")
    before = sizes.filter(hour__lt=since).last()
    found = list(sizes.filter(hour__gte=since).values_list("hour", "size"))
    if before:
        found.insert(0, (since, before.size))
    if len(found) < 2:
        return None
    found.append((now, found[-1][1]))
    first, most = found[0][0], max(size for _hour, size in found) or 1
    span = max((now - first).total_seconds(), 1)
    points = [
        f"{WIDTH * (hour - first).total_seconds() / span:.1f},{HEIGHT - (HEIGHT - 2) * size / most:.1f}"
        for hour, size in found
    ]
    return Trend(" ".join(points), found[-1][1] - found[0][1], max((now - first).days, 1))
