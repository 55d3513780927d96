"""Segments of the benches over the big shop, and how they are taken away again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection

from profiles.models import Change, Event, Membership, Segment
from profiles.segments import compiler
from profiles.segments.ast import parse
from profiles.services import segments
from tests.bench.shapes import attribute, event, group
from tests.conftest import NOW

Condition = dict[str, Any]
ORDERED: Final = "Order Completed"

NESTED: Final = group(
    "all",
    group("any", attribute("country", "one_of", ["DE", "AT", "FR"]), attribute("plan", "eq", "gold")),
    group("any", attribute("loyalty_points", "gte", 200), event("Order Completed", 90)),
    group("none", event("Message Opened", 14), attribute("email", "contains", "corp")),
)


def hundred() -> list[Condition]:
    """A hundred segments as a shop may have them, most of them small; each hears of orders, points or plans."""
    made: list[Condition] = []
    for n, land in enumerate(("DE", "AT", "FR", "ES", "GB", "US", "TH", "PL", "RU", "IT"), 1):
        of_land, gold = attribute("country", "eq", land), attribute("plan", "eq", "gold")
        rich = attribute("loyalty_points", "gte", 1500 + n * 100)
        made += [
            group("all", of_land, gold),
            group("all", of_land, rich, attribute("plan", "ne", "free")),
            group("any", group("all", of_land, gold, rich), event(ORDERED, n)),
            group("all", of_land, event(ORDERED, 30, count={"op": "at_least", "n": 2})),
            group("all", of_land, event(ORDERED, 90), event("Message Opened", n + 7, did=False)),
            event(ORDERED, 60, where=[{"field": "total", "op": "gt", "value": 300 + 20 * n}]),
            group("all", event("Product Added", n * 6, "hours"), event(ORDERED, n * 6, "hours", did=False)),
            event(ORDERED, 90, measure={"of": "sum", "field": "total", "op": "gt", "value": 400 + 50 * n}),
            group("all", rich, group("none", event(ORDERED, n * 8), attribute("city", "eq", "Berlin"))),
            group(
                "all",
                group("any", gold, attribute("interests", "contains", "hiking")),
                group("any", of_land, attribute("email", "ends_with", "web.de")),
                event(ORDERED, n * 9, count={"op": "exactly", "n": 1}),
            ),
        ]
    return made


@contextmanager
def saved(conditions: Sequence[Condition]) -> Iterator[list[Segment]]:
    """Live segments with their members, by the way every segment takes."""
    made = [segments.create(f"Bench {n}", condition) for n, condition in enumerate(conditions)]
    ids = [one.pk for one in made]
    try:
        segments.build_all(NOW)
        live = list(Segment.objects.filter(pk__in=ids).order_by("pk"))
        assert {one.state for one in live} == {Segment.State.LIVE}
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) profiles_membership")
        yield live
    finally:
        for one in made:
            segments.delete(one)
        Membership.objects.filter(segment_id__in=ids)._raw_delete("default")


def members(segment: Segment) -> set[int]:
    """Who is in it, as stored."""
    return set(Membership.objects.filter(segment=segment).values_list("profile_id", flat=True))


def asked(condition: Condition) -> set[int]:
    """Who is in it, asked anew."""
    return set(compiler.ids(parse(condition), NOW))


@contextmanager
def nothing_left() -> Iterator[None]:
    """Events, changes and journeys that come in between are taken away again; a journey that stayed would go on taking
    people in beside the next run."""
    last = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
    try:
        yield
    finally:
        Event.objects.filter(pk__gt=last)._raw_delete("default")
        Change.objects.all()._raw_delete("default")
        with connection.cursor() as cursor:  # the product has run on another clock
            cursor.execute("TRUNCATE profiles_membershipclock, profiles_pastmembership, profiles_segmentsize")
            cursor.execute("TRUNCATE journeys_journey, profiles_interest CASCADE")
