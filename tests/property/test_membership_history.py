"""However changes, joins, the clock and new definitions interleave, also amid a build: memberships are what a
full evaluation finds, sizes are what they count, and the history tells of every moment what was true then.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omnichannel.shared import failpoints
from profiles.ingest import TrackRow, track, update_attributes
from profiles.models import LookedAt, Membership, Profile, Segment, SegmentSize, SizeCorrection
from profiles.queries import segment_history
from profiles.segments import ast, checking, compiler, membership
from profiles.services import segments
from tests import builders
from tests.conftest import NOW
from tests.property.segment_strategies import EVENTS, attributes, conditions, events, properties, values

SECOND = timedelta(seconds=1)
asked = st.one_of(conditions([], 3), events, attributes)
small_acts = st.one_of(
    st.tuples(st.just("event"), st.integers(0, 3), st.sampled_from(EVENTS), st.integers(0, 72), properties),
    st.tuples(st.just("attribute"), st.integers(0, 3), st.sampled_from(["plan", "total", "since"]), values),
    st.tuples(st.just("clock"), st.sampled_from([SECOND, timedelta(hours=1), timedelta(hours=30)])),
    st.tuples(st.just("take"), st.integers(1, 5)),
    st.tuples(st.just("join"), st.integers(0, 3), st.integers(0, 3)),
)
builds = st.tuples(
    st.just("redefine"),
    st.integers(0, 1),
    asked,
    st.sampled_from(["build.found", "build.piece"]),
    st.lists(small_acts, max_size=3),
)
acts = st.one_of(small_acts, builds)


class Undone(Exception):
    """Ends an example without keeping its rows."""


class World:
    """Two segments, four people, a clock, and what was true at each moment."""

    def __init__(self, asked: list[ast.Condition]) -> None:
        self.now = NOW
        self.true: list[tuple[datetime, set[tuple[int, int]]]] = []
        results, _errors = builders.calls(*(builders.identify(f"u{n}") for n in range(4)))
        self.people = [one.profile_id or 0 for one in results]
        self.segments = [segments.create(f"Segment {n}", ast.dump(one)).pk for n, one in enumerate(asked)]
        segments.build_all(self.now)
        self.remember()

    def remember(self) -> None:
        """What is true now; then a second passes."""
        self.true.append((self.now, set(Membership.objects.values_list("segment_id", "profile_id"))))
        self.now += SECOND

    def act(self, act: tuple[Any, ...]) -> None:
        """One thing happens."""
        match act:
            case ("event", who, name, hours, found):
                at = self.now - timedelta(hours=hours)
                track([TrackRow(self.people[who], name, found, at, uuid.uuid4())], self.now)
            case ("attribute", who, name, value):
                update_attributes({self.people[who]: {name: value}}, self.now, "test")
            case ("clock", by):
                self.now += by
                membership.tick(self.now)
            case ("take", limit):
                membership.take(limit, self.now)
            case ("join", one, other):
                builders.calls(builders.alias(f"u{one}", f"u{other}"), now=self.now)
            case ("redefine", which, condition, point, inner):
                self.redefine(self.segments[which % len(self.segments)], condition, point, inner)

    def redefine(self, segment: int, condition: ast.Condition, point: str, inner: list[Any]) -> None:
        """The definition changes, and other things happen while it is being built."""
        found = Segment.objects.get(pk=segment)
        segments.change(found, name=found.name, description="", condition=ast.dump(condition))
        todo = list(inner)

        def hit(name: str) -> None:
            while name == point and todo:
                self.act(todo.pop(0))

        with mock.patch.object(failpoints, "hit", hit):
            segments.build_all(self.now)

    def settle(self) -> None:
        """Until nothing moves any more."""
        self.now += SECOND
        while membership.tick(self.now) + membership.take(100, self.now):
            self.now += SECOND
        membership.tick(self.now)
        self.remember()


def _undone(run: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            run()
            raise Undone
    except Undone:
        pass


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(asked, min_size=1, max_size=2), st.lists(acts, max_size=8))
def test_the_history_tells_what_was_true(asked: list[ast.Condition], story: list[Any]) -> None:
    _undone(lambda: _live(asked, story))


def _live(asked: list[ast.Condition], story: list[Any]) -> None:
    world = World(asked)
    for act in story:
        world.act(act)
        world.remember()
    world.settle()
    today = {one.pk: one.merged_into_id or one.pk for one in Profile.objects.all()}
    for segment in Segment.objects.all():
        wanted = compiler.ids(ast.parse(segment.condition), world.now)
        kept = Membership.objects.filter(segment=segment).order_by("profile_id").values_list("profile_id", flat=True)
        assert (list(kept), segment.size) == (wanted, len(wanted))
        for at, true in world.true:
            then = {today[profile] for inside, profile in true if inside == segment.pk}
            assert {one.pk for one in segment_history.members_at(segment, at)} == then
        last = SegmentSize.objects.filter(segment=segment).order_by("hour").last()
        assert (last.size if last else 0) == segment.size
        found = checking.check(segment.pk, world.now)
        assert found.exact if found else segment.state == "broken"
    assert not LookedAt.objects.exists()
    assert not SizeCorrection.objects.exists()
