"""The shape of a condition's SQL, on which its speed depends; that it means the same as Python is a property test."""

from datetime import UTC, datetime
from typing import Any

import pytest

from profiles.segments.ast import parse
from profiles.segments.compiler import compiled

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
GERMAN = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
GOLD = {"type": "attribute", "field": "plan", "op": "eq", "value": "gold"}
BOUGHT = {"type": "event", "event": "Order Completed"}
LOOKED = {"type": "event", "event": "Product Viewed"}


def group(type: str, *of: dict[str, Any]) -> dict[str, Any]:
    return {"type": type, "of": list(of)}


@pytest.mark.parametrize(
    ("condition", "scans", "sorted_out"),
    [
        (group("all", GERMAN, group("all", BOUGHT, group("none", GOLD, LOOKED))), 1, 0),
        (group("none", GOLD, LOOKED), 1, 0),
        (group("any", BOUGHT, group("any", LOOKED, GOLD)), 1, 1),
        (group("all", BOUGHT, group("none", LOOKED)), 0, 0),
        (BOUGHT, 0, 1),
    ],
)
def test_tests_of_people_come_together_and_sets_are_sorted_out_once(
    condition: dict[str, Any], scans: int, sorted_out: int
) -> None:
    text = compiled(parse(condition), NOW).text
    assert (text.count("profiles_profile"), text.count("DISTINCT")) == (scans, sorted_out)
    assert "GROUP BY" not in text
