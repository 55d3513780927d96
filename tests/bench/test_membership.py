"""A thousand people change, a hundred segments listen: how long until every membership is right again?

Compared with the way most systems go: for each segment one statement that asks it for those people and writes the
difference.
"""

import random
import time
from uuid import UUID

import pytest
from django.db import connection, transaction

from profiles.ingest import TrackRow, track, update_attributes
from profiles.models import Membership, Profile, Segment
from profiles.segments import compiler, membership
from profiles.segments.ast import parse
from profiles.segments.fragment import sql
from tests.bench.audiences import asked, hundred, nothing_left, saved
from tests.bench.results import figures, milliseconds, note, table
from tests.bench.world import PEOPLE, World
from tests.conftest import NOW

pytestmark = pytest.mark.bench
CHANGED = 1_000
REPEATS = 7
DIFFERENCE = """
WITH now_in AS MATERIALIZED (SELECT s.id FROM ({}) s WHERE s.id = ANY({}::bigint[])),
gone AS (
    DELETE FROM profiles_membership m
    WHERE m.segment_id = {} AND m.profile_id = ANY({}::bigint[]) AND m.profile_id NOT IN (SELECT id FROM now_in)
)
INSERT INTO profiles_membership (segment_id, profile_id, since, reason)
SELECT {}, id, {}, 'definition' FROM now_in
ON CONFLICT DO NOTHING
"""


def change(people: list[int], rng: random.Random) -> None:
    """They order something, get points and another plan."""
    values = {
        one: {"plan": rng.choice(("free", "plus", "gold")), "loyalty_points": rng.randrange(3000)} for one in people
    }
    orders = [
        TrackRow(one, "Order Completed", {"total": rng.randrange(500)}, NOW, UUID(int=rng.getrandbits(128)))
        for one in people
    ]
    with transaction.atomic():
        update_attributes(values, NOW, "bench")
        track(orders, NOW)


def ours() -> float:
    """Until nothing is left to take."""
    start = time.perf_counter()
    while membership.take(CHANGED * 4, NOW):
        pass
    return time.perf_counter() - start


def one_query_each(segments: list[Segment], people: list[int]) -> float:
    """The difference for each segment, written and then undone."""
    start = time.perf_counter()
    with transaction.atomic():
        for one in segments:
            found = compiler.compiled(parse(one.condition), NOW)
            statement = sql(DIFFERENCE, found, people, one.pk, people, one.pk, NOW)
            with connection.cursor() as cursor:
                cursor.execute(statement.text, statement.params)
        took = time.perf_counter() - start
        transaction.set_rollback(True)
    return took


def test_membership_incremental(shop: World) -> None:
    took: dict[str, list[float]] = {"ours": [], "one_query_each": []}
    rng = random.Random(3)
    before = dict(Profile.objects.filter(pk__lte=REPEATS * CHANGED).values_list("pk", "attributes"))
    with nothing_left(), saved(hundred()) as segments:
        sizes = {one.pk: one.size for one in segments}
        assert len(segments) == 100
        for turn in range(REPEATS):
            people = list(range(turn * CHANGED + 1, (turn + 1) * CHANGED + 1))
            change(people, rng)
            took["one_query_each"].append(one_query_each(segments, people))
            took["ours"].append(ours())
        for one in segments:
            found = asked(one.condition)
            stored = set(Membership.objects.filter(segment=one).values_list("profile_id", flat=True))
            assert stored == found, one.condition
        moved = sum(sizes[one.pk] != one.size for one in Segment.objects.filter(pk__in=sizes))
        assert moved > 50
    Profile.objects.bulk_update([Profile(pk=pk, attributes=held) for pk, held in before.items()], ["attributes"], 1000)
    result = {**figures(took, milliseconds), "segments": 100, "changed": CHANGED, "of": PEOPLE}
    table("membership_incremental (ms)", {"1,000 people, 100 segments": result}, ("ours", "one_query_each"))
    note("membership_incremental", {"unit": "ms", **result})
