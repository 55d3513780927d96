"""How long counting a segment takes, against the best SQL by hand on the same tables and DuckDB on a copy."""

from functools import partial
from pathlib import Path

import psycopg
import pytest

from profiles.segments import compiler
from profiles.segments.ast import parse
from tests.bench.results import figures, interleaved, milliseconds, note, table
from tests.bench.shapes import SHAPES
from tests.bench.world import PEOPLE, World
from tests.bench.yardstick import copied
from tests.conftest import NOW

pytestmark = pytest.mark.bench
REPEATS = 7


def test_segment_count(shop: World, tmp_path: Path) -> None:
    found: dict[str, dict[str, object]] = {}
    with copied(shop.url, tmp_path) as duck, psycopg.connect(shop.url, autocommit=True) as by_hand:
        for shape in SHAPES:
            condition = parse(shape.condition)
            moment = {"now": NOW.replace(tzinfo=None)} if "$now" in shape.duckdb else None
            took, answers = interleaved(
                {
                    "ours": partial(compiler.count, condition, NOW),
                    "sql": lambda sql=shape.sql: by_hand.execute(sql, {"now": NOW}).fetchone()[0],
                    "duckdb": lambda sql=shape.duckdb, moment=moment: duck.execute(sql, moment).fetchone()[0],
                },
                REPEATS,
            )
            assert answers["ours"] == answers["sql"] == answers["duckdb"] > 0, (shape.name, answers)
            found[shape.name] = {**figures(took, milliseconds), "people": answers["ours"]}
    table(f"segment_count (ms, {PEOPLE:,} people)", found, ("ours", "sql", "duckdb", "people"))
    note("segment_count", {"unit": "ms", **found})
