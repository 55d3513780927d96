"""How segments grew, ready to be drawn: two charts of one segment, small lines for many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from profiles.models import Segment
from profiles.queries import segment_history
from profiles.queries.segment_history import Point

LINE: Final = 30  # days
WIDTH: Final = 72
HEIGHT: Final = 20


@dataclass(frozen=True, slots=True)
class Growth:
    """Some days of a segment, as a chart of its size and one of who came and went."""

    points: list[Point]
    sizes: dict[str, Any]
    moves: dict[str, Any]

    @property
    def change(self) -> int:
        """How many more there are than on the first of these days, at its start."""
        first = self.points[0]
        return self.points[-1].size - first.size + first.entered - first.exited

    @property
    def entered(self) -> int:
        """How many came."""
        return sum(one.entered for one in self.points)

    @property
    def exited(self) -> int:
        """How many went."""
        return sum(one.exited for one in self.points)


def growth(segment: Segment, today: date, days: int, zone: tzinfo) -> Growth | None:
    """The last days; None before it was built."""
    points = segment_history.days([segment.pk], today - timedelta(days=days - 1), today, zone)[segment.pk]
    if not points:
        return None
    axis = {
        "labels": [date_format(one.start, "j M") for one in points],
        "titles": [date_format(one.start, "l, j F") for one in points],
    }
    size = {"name": _("People"), "look": "area", "colour": "blue", "values": [one.size for one in points]}
    entered = {"name": _("Came in"), "look": "bar", "colour": "teal", "values": [one.entered for one in points]}
    left = {"name": _("Left"), "look": "bar", "colour": "grey", "values": [one.exited for one in points]}
    return Growth(points, axis | {"series": [size]}, axis | {"series": [entered, left]})


def lines(segments: Sequence[int], today: date, zone: tzinfo) -> dict[int, str]:
    """For each of these segments the points of a small line over the last month, where there are two days to draw."""
    found = segment_history.days(segments, today - timedelta(days=LINE - 1), today, zone)
    return {one: _line([point.size for point in points]) for one, points in found.items() if len(points) > 1}


def _line(sizes: list[int]) -> str:
    low, high = min(sizes), max(sizes)
    step, scale = WIDTH / (len(sizes) - 1), (HEIGHT - 4) / (high - low or 1)
    middle = HEIGHT / 2 if low == high else HEIGHT - 2
    return " ".join(f"{n * step:.1f},{middle - (size - low) * scale:.1f}" for n, size in enumerate(sizes))
