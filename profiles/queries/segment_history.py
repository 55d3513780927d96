"""How segments were before: their size, who was inside on a date, who came and went when, who changed them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from omnichannel.shared import sql
from profiles.models import Membership, PastMembership, Profile, Segment
from profiles.models.segment import reason_in_words

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "segment_history.sql")
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Point:
    """The size at the end of a day or an hour, and who came and went in it."""

    start: date | datetime
    size: int
    entered: int = 0
    exited: int = 0


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody who was inside, since when and why."""

    profile: Profile
    since: datetime
    reason: str

    @property
    def reason_in_words(self) -> str:
        """What brought them in, as people say it."""
        return reason_in_words(self.reason)


def members_at(segment: Segment, at: datetime) -> QuerySet[Profile]:
    """Who was inside at that moment: those inside now who came before, and those who have left since. People who have
    been joined since count once, as who they are today.
    """
    today = Coalesce("profile__merged_into_id", "profile_id")
    now_in = Membership.objects.filter(segment=segment, since__lte=at)
    left = PastMembership.objects.filter(segment=segment, since__lte=at, until__gt=at)
    both = now_in.values_list(today).union(left.values_list(today), all=True)
    return Profile.objects.filter(pk__in=both).order_by("-pk")


def inside_at(segment: Segment, at: datetime, profiles: Sequence[Profile]) -> list[Inside]:
    """The same people with what brought them in, in the given order."""
    args = {"segment": segment.pk, "at": at, "profiles": [one.pk for one in profiles]}
    why = {ident: (since, reason) for ident, since, reason in _rows("inside_at", args)}
    return [Inside(one, *why[one.pk]) for one in profiles if one.pk in why]


def days(segments: Sequence[int], first: date, last: date, zone: tzinfo) -> dict[int, list[Point]]:
    """Each day from `first` to `last`, of each of these segments. Before a segment was built there are no days."""
    since, until = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, last + timedelta(days=1)))
    args = {"segments": list(segments), "since": since, "until": until, "zone": str(zone)}
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {one: list(_filled(every, rows)) for one, rows in _by_segment("days", args, segments).items()}


def hours(segment: int, since: datetime, until: datetime) -> list[Point]:
    """Each hour, of one segment."""
    args = {"segments": [segment], "since": since, "until": until}
    every = [since + n * HOUR for n in range(int((until - since) / HOUR))]
    return list(_filled(every, _by_segment("hours", args, [segment])[segment]))


def checks() -> Iterator[tuple[str, float]]:
    """For /metrics: what the last check of each live segment had to put right."""
    return ((str(segment), float(wrong)) for segment, _at, wrong in _rows("latest_checks", {}))


def _by_segment(statement: str, args: dict[str, Any], segments: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {one: [] for one in segments}
    for segment, *row in _rows(statement, args):
        found[segment].append(tuple(row))
    return found


def _filled(every: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> Iterator[Point]:
    """Nothing changes between two rows."""
    known = {start: (size, entered, exited) for start, size, entered, exited in rows}
    size: int | None = known[None][0] if None in known else None
    for start in every:
        if start in known:
            size, entered, exited = known[start]
            yield Point(start, size, entered, exited)
        elif size is not None:
            yield Point(start, size)


def _rows(statement: str, args: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())
