"""However data and clock interleave, membership kept by changes and ticks is what a full evaluation finds."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omnichannel.accounts.models import Workspace
from profiles.ingest import TrackRow, track, update_attributes
from profiles.models import Change, Membership, Profile, Segment
from profiles.segments import ast, compiler, membership
from profiles.services import changes, segments
from tests.conftest import NOW
from tests.property.segment_strategies import (
    EVENTS,
    MOMENTS,
    attributes,
    conditions,
    events,
    properties,
    sequences,
    values,
)

attribute_names = st.sampled_from(["plan", "total", "since"])
acts = st.one_of(
    st.tuples(st.just("event"), st.integers(0, 3), st.sampled_from(EVENTS), st.integers(0, 96), properties),
    st.tuples(st.just("attribute"), st.integers(0, 3), attribute_names, st.one_of(values, st.sampled_from(MOMENTS))),
    st.tuples(
        st.just("clock"), st.one_of(st.integers(1, 72).map(lambda h: timedelta(hours=h)), st.just(timedelta(seconds=1)))
    ),
    st.tuples(st.just("take"), st.integers(1, 5)),
)


class Undone(Exception):
    """Ends an example without keeping its rows."""


def _act(act: tuple[Any, ...], people: list[int], now: Any) -> Any:
    match act:
        case ("event", who, name, hours, found):
            at = now - timedelta(hours=hours)
            track([TrackRow(people[who], name, found, at, uuid.uuid4())], now)
        case ("attribute", who, name, value):
            update_attributes({people[who]: {name: value}}, now, "test")
        case ("clock", by):
            now += by
            membership.tick(now)
        case ("take", limit):
            membership.take(limit, now)
    return now


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    st.lists(st.one_of(conditions([], 3), events, sequences, attributes), min_size=1, max_size=4),
    st.booleans(),
    st.lists(acts, max_size=12),
    st.sampled_from(["UTC", "America/New_York", "Pacific/Auckland"]),
)
def test_following_changes_equals_asking_everybody(
    asked: list[ast.Condition], chained: bool, history: list[Any], zone: str
) -> None:
    try:
        with transaction.atomic():
            Workspace.objects.create(pk=1, timezone=zone)
            _follow(asked, chained, history)
            raise Undone
    except Undone:
        pass


def _follow(asked: list[ast.Condition], chained: bool, history: list[Any]) -> None:
    changes.declare("journeys", "test", [("entered", "*"), ("exited", "*")])
    people = [Profile.objects.create(created_at=NOW, updated_at=NOW).pk for _ in range(4)]
    made = [segments.create(f"Segment {n}", ast.dump(condition)) for n, condition in enumerate(asked)]
    if chained:
        of: list[Any] = [{"type": "segment", "segment": one.pk, "in": n % 2 == 0} for n, one in enumerate(made)]
        made.append(segments.create("Chained", {"type": "any", "of": of}))
    segments.build_all(NOW)
    at_first = set(Membership.objects.values_list("segment_id", "profile_id"))
    now = NOW
    for act in history:
        now = _act(act, people, now)
    now += timedelta(seconds=5)  # dates among attributes are looked for every few seconds
    while membership.tick(now) + membership.take(100, now):
        now += timedelta(seconds=5)
    for segment in Segment.objects.all():
        wanted = compiler.ids(ast.parse(segment.condition), now)
        kept = Membership.objects.filter(segment=segment).order_by("profile_id").values_list("profile_id", flat=True)
        assert list(kept) == wanted, segment.condition
        assert segment.size == len(wanted)
    _told_is_what_happened(at_first)


def _told_is_what_happened(inside: set[tuple[int, int]]) -> None:
    """Everybody enters before leaving and leaves before entering again; what was told leads to what is."""
    for change in Change.objects.filter(consumer="journeys").order_by("id"):
        pair = (int(change.key), change.profile_id)
        assert (pair in inside) is (change.kind == "exited")
        inside ^= {pair}
    assert inside == set(Membership.objects.values_list("segment_id", "profile_id"))
