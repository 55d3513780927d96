"""Dates that segments follow with the clock are found by an index, which is there as long as one of them needs it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from omnichannel.accounts.models import Workspace
from profiles.models import Event, Profile
from profiles.segments import compiler, membership
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


@pytest.fixture
def crowd(now: datetime) -> None:
    """Enough people with dates all over the year that the database has a reason to take an index."""
    people = [
        Profile(
            attributes={"plan": {"renewal": day}, "born": day, "first_name": "Ada"},
            created_at=now,
            updated_at=now,
        )
        for n in range(3_000)
        for day in [f"{date(2025, 1, 1) + timedelta(days=n % 365)}"]
    ]
    Profile.objects.bulk_create(people)
    Event.objects.bulk_create(
        Event(
            profile=one,
            kind="track",
            name=("Order's \\Lent", "Lent", "Seen")[n % 3],
            properties={"back": one.attributes["born"]},
            occurred_at=now,
            received_at=now,
            message_id=uuid4(),
        )
        for n, one in enumerate(people * 2)
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # an index is not made while some wait to be checked
        cursor.execute("ANALYZE profiles_profile")
        cursor.execute("ANALYZE profiles_event")


def plan(condition: dict[str, Any], now: datetime, since: timedelta = timedelta(seconds=1)) -> str:
    """How the database would look for who crosses an edge of the condition."""
    plans: list[str] = []

    def explain(execute: Any, statement: str, args: Any, many: bool, context: Any) -> Any:
        if "unnest" in statement:
            with connection.cursor() as cursor:
                plans.extend(row[0] for row in cursor.connection.execute(f"EXPLAIN {statement}", args).fetchall())
        return execute(statement, args, many, context)

    with connection.execute_wrapper(explain):
        crossed([Followed(1, parse(condition), now - since)], now)
    return "\n".join(plans)


@pytest.mark.usefixtures("crowd")
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


BIRTHDAY: dict[str, Any] = {"type": "attribute", "field": "born", "op": "anniversary_today"}
LENT: dict[str, Any] = {
    "type": "event",
    "event": "Lent",
    "where": [{"field": "back", "op": "anniversary_in_next", "value": WEEK}],
}


@pytest.mark.usefixtures("crowd")
def test_days_of_the_year_have_an_index_of_their_own(now: datetime) -> None:
    birthday, lent = DateIndex("born", yearly=True), DateIndex("back", "Lent", yearly=True)
    for name, condition in (
        ("Birthday", BIRTHDAY),
        ("Lent", LENT),
        ("Old", {**BIRTHDAY, "op": "more_than_ago", "value": WEEK}),
    ):
        segments.create(name, condition)
    assert date_indexes.keep(now) == (3, 0)
    assert there() == {date_indexes.name_of(one) for one in (birthday, lent, DateIndex("born"))}
    midnight = now + timedelta(days=1)
    assert date_indexes.name_of(birthday) in plan(BIRTHDAY, midnight, timedelta(days=1))
    assert date_indexes.name_of(lent) in plan(LENT, midnight, timedelta(days=1))


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("year", [2026, 2028])
def test_birthdays_of_every_kind_come_and_go_at_midnight(zone: str, year: int) -> None:
    """People born on, and some hours around, each day near the end of February and the turn of the year."""
    Workspace.objects.update_or_create(pk=1, defaults={"timezone": zone})
    days = [date(1988, 2, 26) + timedelta(days=n) for n in range(6)] + [
        date(1990, 12, 30) + timedelta(days=n) for n in range(4)
    ]
    for day in days:
        for text in (f"{day}", f"{day}T00:30:00Z", f"{day}T12:00:00+13:00", f"{day}T23:30:00-11:00"):
            builders.profile(born=text)
    segment = segments.create("Birthday", BIRTHDAY)
    start = datetime(year, 2, 25, 12, tzinfo=UTC)
    segments.build_all(start)
    date_indexes.keep(start)
    seen = 0
    for n in [*range(1, 9), *range(305, 315)]:
        membership.tick(start + timedelta(days=n))
        expected = set(compiler.ids(parse(BIRTHDAY), start + timedelta(days=n)))
        assert set(segment.memberships.values_list("profile_id", flat=True)) == expected
        seen += len(expected)
    assert seen >= 30


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
