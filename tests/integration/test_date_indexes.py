"""Dates that segments follow with the clock are found by an index, which is there as long as one of them needs it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from profiles.segments import membership
from profiles.segments.ast import parse
from profiles.segments.edges import Followed, crossed
from profiles.segments.kind import DateIndex
from profiles.services import date_indexes, segments
from tests import builders

pytestmark = pytest.mark.django_db

WEEK = {"amount": 1, "unit": "weeks"}
RENEWAL: dict[str, Any] = {"type": "attribute", "field": "plan.renewal", "op": "in_last", "value": WEEK}
RETURN: dict[str, Any] = {
    "type": "event",
    "event": "Order's \\Lent",
    "where": [{"field": "back", "op": "in_next", "value": WEEK}],
}


def there() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'date_of_%%'")
        return {row[0] for row in cursor.fetchall()}


def plan(condition: dict[str, Any], now: datetime) -> str:
    """How the database would look for who crosses an edge of the condition."""
    plans: list[str] = []

    def explain(execute: Any, statement: str, args: Any, many: bool, context: Any) -> Any:
        if "unnest" in statement:
            with connection.cursor() as cursor:
                cursor.connection.cursor().execute("SET LOCAL enable_seqscan = off")
                plans.extend(row[0] for row in cursor.connection.execute(f"EXPLAIN {statement}", args).fetchall())
        return execute(statement, args, many, context)

    with connection.execute_wrapper(explain):
        crossed([Followed(1, parse(condition), now - timedelta(seconds=1))], now)
    return "\n".join(plans)


def test_an_index_comes_with_the_segment_and_goes_with_it(now: datetime) -> None:
    renewal, lent = (
        date_indexes.name_of(one) for one in (DateIndex("plan.renewal"), DateIndex("back", "Order's \\Lent"))
    )
    first, second, both = (
        segments.create("Renewal", RENEWAL),
        segments.create("Lent", RETURN),
        segments.create("Both", {"type": "any", "of": [RENEWAL, RETURN]}),
    )
    assert date_indexes.keep(now) == (2, 0)
    assert there() == {renewal, lent}
    assert renewal in plan(RENEWAL, now)
    assert lent in plan(RETURN, now)
    assert date_indexes.keep(now) == (0, 0)
    segments.delete(first)
    segments.delete(both)
    assert date_indexes.keep(now) == (0, 1)
    assert there() == {lent}
    segments.change(second, name="Lent", description="", condition={"type": "event", "event": "Seen"})
    assert date_indexes.keep(now) == (0, 1)
    assert there() == set()


def test_dates_are_found_with_and_without_the_index(now: datetime) -> None:
    soon = builders.profile(plan={"renewal": "2026-03-02T10:00:05Z"})
    for odd in ("2026-02-31", "soon", 5, None, ["2026-03-02T10:00:05Z"], {"x": 1}, "2026-03-02T11:00:05+00:30"):
        builders.profile(plan={"renewal": odd})
    away = builders.profile(plan={"renewal": "2026-03-02 12:00:05+0200"})
    segment = segments.create("Renewal", RENEWAL)
    segments.build_all(now)
    assert membership.tick(now + timedelta(seconds=4)) == 0
    date_indexes.keep(now)
    assert membership.tick(now + timedelta(seconds=6)) == 2
    assert set(segment.memberships.values_list("profile_id", flat=True)) == {soon.pk, away.pk}
