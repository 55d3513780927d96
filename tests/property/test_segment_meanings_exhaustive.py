"""Every comparison against every odd value, every period against its very edge: SQL and Python answer alike."""

import uuid
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from profiles.models import Event, Profile
from profiles.segments import ast, compiler, evaluate
from profiles.segments.counts import COUNT_LABELS, Count
from profiles.segments.filters import PropertyFilter
from profiles.segments.kinds.attribute import Attribute
from profiles.segments.kinds.event import Event as Did
from profiles.segments.operators import OPERATORS
from profiles.segments.periods import Period
from profiles.segments.windows import Last
from tests.conftest import NOW
from tests.property.segment_strategies import DAYS, EVENTS, MOMENTS, NUMBERS, PERIODS, TEXTS

pytestmark = pytest.mark.django_db

EDGES = [
    (NOW - period.length + timedelta(microseconds=step)).isoformat() for period in PERIODS for step in (-1, 0, 1)
] + [(NOW + timedelta(microseconds=step)).isoformat() for step in (-1, 0, 1)]
FOUND: list[Any] = [
    *TEXTS,
    *MOMENTS,
    *DAYS,
    *("2026-03-09", "1990-03-16T23:30:00-05:00", "2025-12-31"),
    *EDGES,
    *NUMBERS,
    *[str(number) for number in NUMBERS],
    *(None, "", True, False, [], {}, ["DE", "5"], [5, None], [["DE"]], {"DE": 1}, "2026-03-02T09:00+0530"),
]
WANTED: dict[str, list[Any]] = {
    "none": [None],
    "text": TEXTS,
    "scalar": [*TEXTS, *MOMENTS[:2], *NUMBERS],
    "scalars": [(text, number) for text, number in zip(TEXTS, NUMBERS * 2, strict=False)] + [tuple(TEXTS), (5, 0.1)],
    "number": NUMBERS,
    "moment": [*MOMENTS[:5], *EDGES],
    "period": PERIODS,
    "numbers": [(0, 5), (-3.5, 0.1), (5, 0)],
    "day": [*DAYS],
    "days": [(DAYS[2], DAYS[0]), (DAYS[4], DAYS[3]), (DAYS[0], DAYS[2])],
    "days_period": [Period(1, "days"), Period(2, "weeks"), Period(365, "days")],
}


@pytest.mark.parametrize("op", sorted(OPERATORS))
def test_every_comparison_against_every_value(op: str) -> None:
    rows = [Profile(attributes={"x": {"y": value}}, created_at=NOW, updated_at=NOW) for value in FOUND]
    rows += [Profile(attributes=value, created_at=NOW, updated_at=NOW) for value in ({}, {"x": None}, {"x": ["y"]})]
    ids = [row.pk for row in Profile.objects.bulk_create(rows)]
    asked = [Attribute("x.y", op, wanted) for wanted in WANTED[OPERATORS[op].argument]]
    # As they are, and as they stand under a "none".
    conditions = [*asked, *(ast.Group("none", (one,)) for one in asked)]
    in_python = evaluate.matches(conditions, ids, NOW)
    for condition in conditions:
        found = compiler.ids(condition, NOW)
        assert found == sorted(in_python[condition]), [
            rows[ids.index(i)].attributes for i in {*found} ^ in_python[condition]
        ]


def test_every_period_at_its_edge() -> None:
    """Also how often, did and did not, with and without properties."""
    people = Profile.objects.bulk_create([Profile(created_at=NOW, updated_at=NOW) for _ in range(40)])
    moments = [NOW - period.length + timedelta(microseconds=step) for period in PERIODS for step in (-1, 0, 1)]
    moments += [NOW + timedelta(days=1), NOW - timedelta(days=400)]
    Event.objects.bulk_create(
        Event(
            profile=person,
            name=EVENTS[0],
            properties={"total": n},
            occurred_at=at,
            received_at=at,
            message_id=uuid.uuid4(),
        )
        for n, person in enumerate(people)
        for at in (moments[n % len(moments)], moments[(n * 5 + n // 3) % len(moments)])[: n % 3]
    )
    filters: list[tuple[PropertyFilter, ...]] = [(), (PropertyFilter("total", "gt", 20),)]
    counts = [Count(op, n) for op, n in product(COUNT_LABELS, range(4))]
    windows = [None, *map(Last, PERIODS)]
    asked = [Did(EVENTS[0], *parts) for parts in product((True, False), counts, windows, filters)]
    in_python = evaluate.matches(asked, [person.pk for person in people], NOW)
    for condition in asked:
        assert compiler.ids(condition, NOW) == sorted(in_python[condition]), ast.canonical(condition)
