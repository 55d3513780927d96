"""The five questions of the `segment_count` bench: as conditions, as the best SQL by hand we know, and for DuckDB."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Shape:
    """One question, three ways. `sql` and `duckdb` get the moment as `now`."""

    name: str
    condition: dict[str, Any]
    sql: str
    duckdb: str


def attribute(field: str, op: str, value: Any) -> dict[str, Any]:
    """A question about the profile."""
    return {"type": "attribute", "field": field, "op": op, "value": value}


def event(name: str, days: int, unit: str = "days", **more: Any) -> dict[str, Any]:
    """A question about what somebody did lately."""
    return {"type": "event", "event": name, "within": {"amount": days, "unit": unit}, **more}


def group(kind: str, *of: dict[str, Any]) -> dict[str, Any]:
    """Some of them."""
    return {"type": kind, "of": list(of)}


NESTED: Final = group(
    "all",
    attribute("country", "one_of", ["DE", "AT", "FR"]),
    attribute("email", "contains", "gmail"),
    group(
        "any",
        attribute("plan", "eq", "gold"),
        group("all", attribute("loyalty_points", "gte", 1000), attribute("interests", "contains", "hiking")),
    ),
    group("none", attribute("city", "eq", "Berlin")),
)

SHAPES: Final = (
    Shape(
        "two_attributes",
        group("all", attribute("country", "eq", "DE"), attribute("plan", "eq", "gold")),
        """
        SELECT count(*) FROM profiles_profile
        WHERE merged_into_id IS NULL AND attributes ->> 'country' = 'DE' AND attributes ->> 'plan' = 'gold'
        """,
        "SELECT count(*) FROM people WHERE country = 'DE' AND plan = 'gold'",
    ),
    Shape(
        "bought_often_opened_nothing",
        group(
            "all",
            event("Order Completed", 30, count={"op": "at_least", "n": 3}),
            event("Message Opened", 14, did=False),
        ),
        """
        SELECT count(*) FROM (
            SELECT profile_id AS id FROM profiles_event
            WHERE name = 'Order Completed' AND occurred_at > %(now)s::timestamptz - interval '30 days'
            GROUP BY profile_id HAVING count(*) >= 3
        ) buyer
        WHERE NOT EXISTS (
            SELECT FROM profiles_event e
            WHERE e.profile_id = buyer.id AND e.name = 'Message Opened'
              AND e.occurred_at > %(now)s::timestamptz - interval '14 days'
        )
        """,
        """
        SELECT count(*) FROM (
            SELECT person FROM events WHERE name = 'Order Completed' AND happened > $now::timestamp - interval 30 days
            GROUP BY person HAVING count(*) >= 3
        ) WHERE person NOT IN (
            SELECT person FROM events WHERE name = 'Message Opened' AND happened > $now::timestamp - interval 14 days
        )
        """,
    ),
    Shape(
        "sum_of_amounts",
        event("Order Completed", 90, measure={"of": "sum", "field": "total", "op": "gt", "value": 500}),
        """
        SELECT count(*) FROM (
            SELECT FROM profiles_event
            WHERE name = 'Order Completed' AND occurred_at > %(now)s::timestamptz - interval '90 days'
              AND total IS NOT NULL
            GROUP BY profile_id HAVING sum(total) > 500
        ) s
        """,
        """
        SELECT count(*) FROM (
            SELECT person FROM events WHERE name = 'Order Completed' AND happened > $now::timestamp - interval 90 days
            GROUP BY person HAVING sum(total) > 500
        )
        """,
    ),
    Shape(
        "nested_six",
        NESTED,
        """
        SELECT count(*) FROM profiles_profile
        WHERE merged_into_id IS NULL AND attributes ->> 'country' IN ('DE', 'AT', 'FR')
          AND strpos(attributes ->> 'email', 'gmail') > 0
          AND (
              attributes ->> 'plan' = 'gold'
              OR ((attributes -> 'loyalty_points')::numeric >= 1000 AND attributes -> 'interests' ? 'hiking')
          )
          AND attributes ->> 'city' IS DISTINCT FROM 'Berlin'
        """,
        """
        SELECT count(*) FROM people
        WHERE country IN ('DE', 'AT', 'FR') AND contains(email, 'gmail')
          AND (plan = 'gold' OR (points >= 1000 AND list_contains(interests, 'hiking'))) AND city <> 'Berlin'
        """,
    ),
    Shape(
        "abandoned_cart",
        group("all", event("Product Added", 24, "hours"), event("Order Completed", 24, "hours", did=False)),
        """
        SELECT count(*) FROM (
            SELECT profile_id FROM profiles_event
            WHERE name = 'Product Added' AND occurred_at > %(now)s::timestamptz - interval '24 hours'
            EXCEPT
            SELECT profile_id FROM profiles_event
            WHERE name = 'Order Completed' AND occurred_at > %(now)s::timestamptz - interval '24 hours'
        ) s
        """,
        """
        SELECT count(*) FROM (
            SELECT person FROM events WHERE name = 'Product Added' AND happened > $now::timestamp - interval 24 hours
            EXCEPT
            SELECT person FROM events WHERE name = 'Order Completed' AND happened > $now::timestamp - interval 24 hours
        )
        """,
    ),
)
