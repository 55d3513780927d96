"""The list of people: searched, filtered, sorted, in pages that stay quick with a million of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from django.db import connection
from django.db.models import F, OrderBy, Q, QuerySet

from omnichannel.shared import sql
from omnichannel.shared.numbers import number
from omnichannel.shared.sql import escaped
from profiles.ingest.attributes import email_identity, phone_identity
from profiles.ingest.guard import address_of
from profiles.models import Profile, Suppression
from profiles.queries.people_filters import PeopleFilters

SQL = sql.load(Path(__file__).parent.parent / "sql" / "people.sql")

PAGE: Final = 50
HITS: Final = 1000  # what a search finds at most
COUNTED: Final = 100_000  # above this the number of people is the planner's
KINDS: Final = ("user_id", "anonymous_id", "email", "phone", "device_token", "chat_id")
SORTS: Final = ("seen", "away", "new")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Sort = Literal["seen", "away", "new"]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Some people, how many there are in all, and where the next page starts."""

    people: Sequence[Profile]
    total: int
    total_is: Literal["exact", "about", "at_least"]
    next: str = ""


def search(text: str, *, segment: int | None = None, limit: int = HITS) -> list[int]:
    """Ids of people to whom the text points, those seen last first."""
    text = text.strip()
    words = [f"%{escaped(word)}%" for word in text.lower().split()]
    if not words:
        return []
    number = re.fullmatch(r"(?:visitor\s+)?(\d{1,18})", text.lower())
    bound = {
        "words": words,
        "longest": max(words, key=len),
        "values": list({text, *filter(None, (email_identity(text), phone_identity(text)))}),
        "kinds": list(KINDS),
        "number": int(number[1]) if number else None,
        "segment": segment,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL["search"], bound)
        return [row[0] for row in cursor.fetchall()]


def people_page(filters: PeopleFilters, now: datetime, sort: str = "seen", after: str = "") -> PeoplePage:
    """One page. `after` is the `next` of the page before."""
    if filters.text.strip():
        return _found(_matching(filters, now), after)
    people = filters.apply(Profile.objects.filter(merged_into=None), now).select_related("seen")
    rows = list(_sorted(people, sort, after)[: PAGE + 1])
    if sort != "new" and len(rows) <= PAGE:
        rows += _never_seen(people, after)[: PAGE + 1 - len(rows)]
    more = _cursor(rows[PAGE - 1], sort) if len(rows) > PAGE else ""
    if filters.narrow:
        return PeoplePage(rows[:PAGE], people.count(), "exact", more)
    if filters.segment:
        return PeoplePage(rows[:PAGE], filters.segment.size, "exact", more)
    return PeoplePage(rows[:PAGE], *_how_many(), next=more)


def _matching(filters: PeopleFilters, now: datetime) -> list[int]:
    """Whom the search finds, in the order it gives, without those whom the other filters leave out."""
    found = search(filters.text, segment=filters.segment.pk if filters.segment else None)
    if not filters.narrow:
        return found
    left = set(filters.apply(Profile.objects.filter(pk__in=found), now).values_list("pk", flat=True))
    return [one for one in found if one in left]


def survivors(ids: Iterable[int]) -> dict[int, int]:
    """Who each of these profiles is today: {id: id of the survivor}."""
    rows = Profile.objects.filter(pk__in=set(ids)).values_list("pk", "merged_into_id")
    return {pk: merged or pk for pk, merged in rows}


def blocked(people: Sequence[Profile]) -> set[tuple[str, str]]:
    """Which addresses of these people are never to be written to: (kind, address)."""
    wanted = Q()
    for kind in ("email", "phone"):
        told = {address_of(kind, one.attributes.get(kind)) for one in people}
        wanted |= Q(kind=kind, address__in=[one.value for one in told if one])
    return set(Suppression.objects.filter(wanted).values_list("kind", "address"))


def _found(ids: Sequence[int], after: str) -> PeoplePage:
    start = number(after) or 0
    shown = Profile.objects.select_related("seen").in_bulk(ids[start : start + PAGE])
    more = str(start + PAGE) if len(ids) > start + PAGE else ""
    people = [shown[pk] for pk in ids[start : start + PAGE] if pk in shown]
    return PeoplePage(people, len(ids), "at_least" if len(ids) == HITS else "exact", more)


def _sorted(people: QuerySet[Profile], sort: str, after: str) -> QuerySet[Profile]:
    """Sorted as an index is, from behind the row that `after` names. By when they were seen: those who were."""
    moment, _, last = after.partition("_")
    behind = number(last)
    if sort == "new":
        people = people.order_by("-pk")
        return people.filter(pk__lt=behind) if behind else people
    down = sort != "away"
    order: list[OrderBy] = [_toward(F("seen__at"), down), _toward(F("pk"), down)]
    people = people.filter(seen__isnull=False).order_by(*order)
    if behind is None:
        return people
    try:
        at = EPOCH + timedelta(microseconds=number(moment) or 0)
    except OverflowError:
        return people.none()
    if down:
        return people.filter(Q(seen__at__lte=at) & (Q(seen__at__lt=at) | Q(pk__lt=behind)))
    return people.filter(Q(seen__at__gte=at) & (Q(seen__at__gt=at) | Q(pk__gt=behind)))


def _never_seen(people: QuerySet[Profile], after: str) -> QuerySet[Profile]:
    """Who was brought in and has done nothing yet comes behind all others."""
    moment, _, last = after.partition("_")
    people = people.filter(seen=None).order_by("-pk")
    behind = number(last)
    return people.filter(pk__lt=behind) if behind and not moment else people


def _toward(field: F, down: bool) -> OrderBy:
    return field.desc() if down else field.asc()


def _cursor(row: Profile, sort: str) -> str:
    if sort == "new" or row.last_seen_at is None:
        return f"_{row.pk}"
    return f"{(row.last_seen_at - EPOCH) // timedelta(microseconds=1)}_{row.pk}"


def _how_many() -> tuple[int, Literal["exact", "about"]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL["about"])
        about = cursor.fetchone()[0]
    if about > COUNTED:
        return about, "about"
    return Profile.objects.filter(merged_into=None).count(), "exact"
