"""Questions about messages and journeys mean the same in SQL and in Python."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.conditions.journey import STATES, InJourney
from journeys.conditions.message import COLUMNS, AboutMessages
from journeys.models import Enrollment, Journey, Message, Template
from profiles.models import Profile
from profiles.segments import ast, compiler, evaluate
from profiles.segments.interests import matches_blank
from tests import builders
from tests.conftest import NOW
from tests.property.segment_strategies import counts, windows
from tests.property.test_segment_meanings import Undo

moments = st.one_of(st.none(), st.integers(-1, 8 * 24).map(lambda hours: NOW - timedelta(hours=hours)))
letters = st.fixed_dictionaries(
    {
        "template_id": st.sampled_from([1, 2]),
        "journey_id": st.sampled_from([1, 2, None]),
        "channel": st.sampled_from(["email", "sms"]),
        "enrollment_id": st.sampled_from([1, 1, None]),
        **{column: moments for column, _event in COLUMNS.values()},
    }
)
passages = st.fixed_dictionaries(
    {
        "journey_id": st.sampled_from([1, 2]),
        "state": st.sampled_from([2, 3, 4]),
        "ended_at": moments,
        "converted_at": moments,
        "entered_at": moments.filter(bool),
    }
)
people = st.lists(st.tuples(st.lists(letters, max_size=4), st.lists(passages, max_size=3)), min_size=2, max_size=5)
about_messages = st.builds(
    AboutMessages,
    st.sampled_from(sorted(COLUMNS)),
    st.booleans(),
    st.sampled_from([None, None, 1, 3]),
    st.sampled_from([None, None, 1, 3]),
    st.sampled_from([None, "email"]),
    counts,
    windows,
)
in_journeys = st.one_of(
    st.builds(InJourney, st.sampled_from([1, 2, 3]), st.sampled_from(sorted(set(STATES) - {"never"})), windows),
    st.builds(InJourney, st.sampled_from([1, 3]), st.just("never")),
)


def store(found: list[Any]) -> list[int]:
    """The second person was merged into the first; what they were sent and went through did not follow yet."""
    for n in (1, 2):
        Journey.objects.create(pk=n, name=f"Journey {n}")
        template = builders.email_template(name=f"Template {n}")
        Template.objects.filter(pk=template.pk).update(id=n)
    rows = Profile.objects.bulk_create([Profile(created_at=NOW, updated_at=NOW) for _ in found])
    Profile.objects.filter(pk=rows[1].pk).update(merged_into=rows[0])
    pairs = list(zip(rows, found, strict=True))
    Message.objects.bulk_create(
        Message(profile_id=row.pk, created_at=NOW, due_at=NOW, visit=n, node_id=row.pk, **letter)
        for row, (sent, _) in pairs
        for n, letter in enumerate(sent)
    )
    Enrollment.objects.bulk_create(
        Enrollment(profile_id=row.pk, version_id=1, node_id=1, node_entered_at=NOW, entry_key=str(n), **passage)
        for row, (_, passed) in pairs
        for n, passage in enumerate(passed)
    )
    return [row.pk for row in rows]


@pytest.mark.django_db
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(people, st.lists(st.one_of(about_messages, in_journeys), min_size=1, max_size=6))
def test_sql_and_python_agree(found: list[Any], leaves: list[Any]) -> None:
    asked = [*leaves, ast.Group("none", tuple(leaves))]
    try:
        with transaction.atomic():
            ids = store(found)
            nobody = Profile.objects.create(created_at=NOW, updated_at=NOW).pk
            in_python = evaluate.matches(asked, [*ids, nobody], NOW)
            lost = ast.lost(asked)
            for condition in asked:
                assert compiler.ids(condition, NOW) == sorted(in_python[condition]), ast.canonical(condition)
                assert ast.parse(ast.dump(condition)) == condition
                if not lost:
                    assert matches_blank(condition) is (nobody in in_python[condition])
            raise Undo
    except Undo:
        pass
