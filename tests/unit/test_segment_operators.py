"""What each comparison holds for, spelled out; that SQL says the same is a property test."""

from datetime import UTC, datetime
from typing import Any

import pytest

from profiles.segments.ast import parse_where
from profiles.segments.filters import describe_where, where_holds
from profiles.segments.operators import OPERATORS, value_in_words
from profiles.segments.periods import Period

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
DAY = Period(1, "days")


@pytest.mark.parametrize(
    ("op", "wanted", "found", "holds"),
    [
        ("eq", "DE", "DE", True),
        ("eq", "DE", "de", False),
        ("eq", "5", 5, True),
        ("eq", "5", 5.0, True),
        ("eq", 5, "5.0", True),
        ("eq", 5, "5e0", False),
        ("eq", 1, True, False),
        ("eq", "DE", ["DE"], False),
        ("ne", "DE", None, True),
        ("ne", "DE", "DE", False),
        ("one_of", ("DE", 5), "5", True),
        ("one_of", ("DE", 5), None, False),
        ("contains", "shop", "a@shop.example", True),
        ("contains", "shop", ["shop"], True),
        ("contains", "shop", ["shopping"], False),
        ("contains", "5", 15, False),
        ("not_contains", "shop", None, True),
        ("starts_with", "+49", "+49170", True),
        ("ends_with", ".example", "shop.example", True),
        ("gt", 50, "50.01", True),
        ("gt", 50, 50, False),
        ("gt", 50, True, False),
        ("gte", 50, 50.0, True),
        ("lt", 0.3, 0.1 + 0.2, False),
        ("lt", 50, None, False),
        ("lte", 0.1, 0.1, True),
        ("is_set", None, "", False),
        ("is_set", None, False, True),
        ("is_set", None, [], True),
        ("is_not_set", None, None, True),
        ("is_true", None, True, True),
        ("is_true", None, "true", True),
        ("is_true", None, 1, False),
        ("is_false", None, None, False),
        ("is_false", None, False, True),
        ("before", "2026-03-02", "2026-03-01T23:59:59Z", True),
        ("before", "2026-03-02", "2026-03-02T01:00:00+02:00", True),
        ("after", "2026-03-02", "tomorrow", False),
        ("in_last", DAY, "2026-03-02T10:00:00Z", True),
        ("in_last", DAY, "2026-03-02T10:00:01Z", False),
        ("in_last", DAY, "2026-03-01T10:00:00Z", False),
        ("in_last", DAY, "2026-03-01T10:00:01Z", True),
        ("not_in_last", DAY, None, True),
    ],
)
def test_meaning(op: str, wanted: Any, found: Any, holds: bool) -> None:
    assert OPERATORS[op].test(wanted, NOW)(found) is holds


def test_all_property_filters_must_hold_at_dotted_paths() -> None:
    where = parse_where(
        [
            {"field": "cart.total", "op": "gt", "value": 50},
            {"field": "currency", "op": "one_of", "value": ["EUR", "CHF"]},
        ]
    )
    assert where_holds(where, {"cart": {"total": 51}, "currency": "EUR"}, NOW)
    assert not where_holds(where, {"cart": {"total": 51}, "currency": "USD"}, NOW)
    assert not where_holds(where, {"cart": [{"total": 51}], "currency": "EUR"}, NOW)
    assert where_holds((), {}, NOW)
    assert describe_where(where) == "cart.total is more than 50 and currency is one of EUR or CHF"


def test_values_are_said_as_people_write_them() -> None:
    assert [value_in_words(one) for one in (True, False, 1200, 4.5, "DE", None)] == [
        "yes",
        "no",
        "1,200",
        "4.5",
        "DE",
        "",
    ]
