"""A condition means the same in SQL and in Python, for any tree and any data."""

import json
import uuid
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.models import Event, Membership, Profile, Segment
from profiles.segments import ast, compiler, describe, evaluate
from profiles.segments.interests import matches_blank
from tests.conftest import NOW
from tests.property.segment_strategies import SEGMENTS, conditions, people

DATABASE = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Undo(Exception):
    """Ends an example without keeping its rows."""


def store(found: list[dict[str, Any]]) -> list[int]:
    """Write the people of an example."""
    for segment in (901, 902):
        Segment.objects.create(pk=segment, name=f"Segment {segment}", state="live", built_at=NOW)
    rows = Profile.objects.bulk_create(
        [Profile(attributes=one["attributes"], created_at=NOW, updated_at=NOW) for one in found]
    )
    for row, one in zip(rows, found, strict=True):
        if one["merged"]:
            Profile.objects.filter(pk=row.pk).update(merged_into=rows[0].pk)
    pairs = list(zip(rows, found, strict=True))
    Event.objects.bulk_create(
        [
            Event(
                profile=row, name=name, properties=properties, occurred_at=at, received_at=at, message_id=uuid.uuid4()
            )
            for row, one in pairs
            for name, at, properties in one["events"]
        ]
    )
    Membership.objects.bulk_create(
        [Membership(segment_id=segment, profile=row, since=NOW) for row, one in pairs for segment in one["segments"]]
    )
    return [row.pk for row in rows]


@pytest.mark.django_db
@DATABASE
@given(people(), st.lists(conditions(SEGMENTS), min_size=1, max_size=8))
def test_sql_and_python_agree(found: list[dict[str, Any]], asked: list[ast.Condition]) -> None:
    try:
        with transaction.atomic():
            ids = store(found)
            in_python = evaluate.matches(asked, ids, NOW)
            for condition in asked:
                assert compiler.ids(condition, NOW) == sorted(in_python[condition]), ast.canonical(condition)
                assert compiler.count(condition, NOW) == len(in_python[condition])
                assert set(compiler.sample(condition, NOW, 100)) == in_python[condition]
            raise Undo
    except Undo:
        pass


@pytest.mark.django_db
@settings(DATABASE, max_examples=60)
@given(st.lists(conditions([901, 902]), min_size=1, max_size=8))
def test_matching_somebody_unknown_is_foreseen(asked: list[ast.Condition]) -> None:
    try:
        with transaction.atomic():
            ids = store([{"merged": False, "attributes": {}, "events": [], "segments": []}])
            in_python = evaluate.matches(asked, ids, NOW)
            assert [matches_blank(condition) for condition in asked] == [bool(in_python[c]) for c in asked]
            raise Undo
    except Undo:
        pass


@settings(max_examples=150, deadline=None)
@given(conditions(SEGMENTS))
def test_what_is_written_reads_back(condition: ast.Condition) -> None:
    read = ast.parse(json.loads(ast.canonical(condition)))
    assert ast.parse(json.loads(ast.canonical(read))) == read
    assert ast.parse(ast.dump(condition), unfinished=True) == read
    assert describe._words(read, {}) != ""
