"""Segments that ask about a list: the same in SQL and in Python, kept true by every way a list changes."""

import pytest

from profiles.models import Membership, Profile, Segment
from profiles.segments import compiler, evaluate, membership
from profiles.segments.ast import ConditionError, dump, parse
from profiles.segments.describe import in_words
from profiles.services import lists, segments
from tests.builders import alias, calls, identify, profile
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def inside(segment: Segment) -> set[int]:
    while membership.take(100, NOW):
        pass
    return set(Membership.objects.filter(segment=segment).values_list("profile_id", flat=True))


def test_sql_and_python_mean_the_same() -> None:
    fair = lists.create("Fair", "", by=None, now=NOW)
    ada, bob = profile(), profile()
    lists.add(fair, [ada.pk], NOW, "api")
    for on, who in ((True, {ada.pk}), (False, {bob.pk})):
        condition = parse({"type": "list", "list": fair.pk, "in": on})
        assert set(compiler.ids(condition, NOW)) == who
        assert evaluate.matches([condition], [ada.pk, bob.pk], NOW)[condition] == who
        assert dump(condition) == {"type": "list", "list": fair.pk, "in": on}
    assert in_words(parse({"type": "list", "list": fair.pk})) == "are on the list “Fair”"
    for wrong in ({}, {"list": "fair"}, {"list": fair.pk, "in": 1}, {"list": fair.pk, "more": 1}):
        with pytest.raises(ConditionError):
            parse({"type": "list", **wrong})


def test_membership_follows_the_list() -> None:
    fair = lists.create("Fair", "", by=None, now=NOW)
    calls(identify("u1"), identify("u2"))
    one, two = Profile.objects.order_by("id")
    lists.add(fair, [one.pk], NOW, "api")
    on = segments.create("On it", {"type": "list", "list": fair.pk, "in": True}, by=None)
    off = segments.create("Not on it", {"type": "list", "list": fair.pk, "in": False}, by=None)
    segments.build_all(NOW)
    assert (inside(on), inside(off)) == ({one.pk}, {two.pk})
    lists.add(fair, [two.pk], NOW, "api")
    lists.remove(fair, [one.pk], NOW)
    assert (inside(on), inside(off)) == ({two.pk}, {one.pk})
    calls(alias("u2", "u1"))
    survivor = Profile.objects.get(merged_into=None)
    assert (inside(on), inside(off)) == ({survivor.pk}, set())
    with pytest.raises(lists.ListError, match="Not on it, On it"):
        lists.delete(fair)


def test_a_list_that_is_gone_matches_nobody() -> None:
    fair = lists.create("Fair", "", by=None, now=NOW)
    profile()
    condition = parse({"type": "list", "list": fair.pk, "in": False})
    fair.delete()
    assert compiler.ids(condition, NOW) == []
    segment = segments.create("Not on it", {"type": "list", "list": 999, "in": True}, by=None)
    segments.build_all(NOW)
    segment.refresh_from_db()
    assert (segment.state, segment.error) == ("broken", "It asks about a list that no longer exists.")
