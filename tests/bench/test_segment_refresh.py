"""How long it takes to find everybody of a nested segment and to write the difference, as after a change of it."""

import time

import psycopg
import pytest

from profiles.models import Segment
from profiles.services import segments
from tests.bench.audiences import NESTED, asked, members, saved
from tests.bench.results import figures, note, table
from tests.bench.shapes import attribute, group
from tests.bench.world import PEOPLE, World
from tests.conftest import NOW

pytestmark = pytest.mark.bench
REPEATS = 5
WIDER = group("any", NESTED, group("all", attribute("plan", "eq", "plus"), attribute("country", "eq", "PL")))
BY_HAND = """
INSERT INTO {} (id)
SELECT id FROM profiles_profile
WHERE merged_into_id IS NULL AND (attributes ->> 'country' IN ('DE', 'AT', 'FR') OR attributes ->> 'plan' = 'gold')
  AND (
      (attributes -> 'loyalty_points')::numeric >= 200
      OR id IN (
          SELECT profile_id FROM profiles_event
          WHERE name = 'Order Completed' AND occurred_at > %(now)s::timestamptz - interval '90 days'
      )
  )
  AND strpos(attributes ->> 'email', 'corp') = 0
  AND id NOT IN (
      SELECT profile_id FROM profiles_event
      WHERE name = 'Message Opened' AND occurred_at > %(now)s::timestamptz - interval '14 days'
  )
"""


def build(segment: Segment, condition: dict[str, object]) -> float:
    """Change the definition and build; seconds."""
    fresh = Segment.objects.get(pk=segment.pk)
    segments.change(fresh, name=fresh.name, description="", condition=condition)
    start = time.perf_counter()
    assert segments.build_all(NOW) == 1
    return time.perf_counter() - start


def by_hand(url: str) -> tuple[float, int]:
    """The bare list, into a table without any index."""
    with psycopg.connect(url) as db:
        db.execute("CREATE TEMPORARY TABLE by_hand (id bigint) ON COMMIT DROP")
        start = time.perf_counter()
        found = db.execute(BY_HAND.format("by_hand"), {"now": NOW}).rowcount
        return time.perf_counter() - start, found


def test_segment_refresh(shop: World) -> None:
    took: dict[str, list[float]] = {"first": [], "wider": [], "ours": [], "sql": []}
    for _ in range(REPEATS):
        with saved([attribute("country", "eq", "nowhere")]) as (segment,):
            took["first"].append(build(segment, NESTED))
            assert members(segment) == asked(NESTED)
            took["wider"].append(build(segment, WIDER))
            took["ours"].append(build(segment, NESTED))
            found = members(segment)
            seconds, number = by_hand(shop.url)
            took["sql"].append(seconds)
            assert number == len(found) == len(asked(NESTED)) > 0
    result = {**figures(took, lambda seconds: seconds), "people": number, "of": PEOPLE}
    table("segment_refresh (s)", {"nested": result}, ("ours", "first", "wider", "sql", "people"))
    note("segment_refresh", {"unit": "s", **result})
