"""A join that is undone leaves no trace, and segments follow joins and their undoing, for any history of calls."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from profiles.models import (
    Account,
    AccountMember,
    AttributeChange,
    Event,
    Identity,
    ListEntry,
    Membership,
    Merge,
    Profile,
    Segment,
)
from profiles.segments import ast, compiler, evaluate, membership
from profiles.services import lists, segments
from profiles.services.unmerge import unmerge
from tests.builders import alias, calls, identify
from tests.conftest import NOW
from tests.property.test_identities import USERS, VISITORS, call

Calls = list[dict[str, Any]]
EXAMPLES = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]
)
ASKED: list[dict[str, Any]] = [
    {"type": "account", "field": "size", "op": "gt", "value": 1},
    {"type": "none", "of": [{"type": "account", "field": "size", "op": "is_set"}]},
    {"type": "event", "event": "Seen", "count": {"op": "at_least", "n": 2}},
    {"type": "attribute", "field": "plan", "op": "eq", "value": 1},
    {"type": "identity", "kind": "user_id", "has": True},
]


@st.composite
def grouped(draw: st.DrawFn) -> dict[str, Any]:
    """A group call of somebody who others speak of too."""
    user, visitor = draw(st.sampled_from([*USERS, ""])), draw(st.sampled_from(VISITORS))
    who = {"userId": user} if user else {"anonymousId": visitor}
    return {
        "type": "group",
        "groupId": draw(st.sampled_from(["acme", "zeta"])),
        "traits": draw(st.dictionaries(st.just("size"), st.sampled_from([None, 1, 2]))),
        **identify("x", who.get("anonymousId")),
        **who,
    } | {"type": "group"}


histories = st.lists(st.one_of(call(), call(), grouped()), min_size=1, max_size=10)
joins = st.one_of(
    st.tuples(st.sampled_from(USERS), st.sampled_from(VISITORS)).map(lambda both: identify(*both)),
    st.tuples(st.sampled_from(USERS), st.sampled_from(USERS)).map(lambda both: alias(*both)),
)


def people() -> dict[frozenset[tuple[str, str]], Any]:
    """Everybody by what they are known as: attributes and how they came, events, companies, times."""
    names: dict[int, set[tuple[str, str]]] = {}
    for owner, kind, value in Identity.objects.values_list("profile_id", "kind", "value"):
        names.setdefault(owner, set()).add((kind, value))
    found = {}
    for one in Profile.objects.filter(merged_into=None):
        changes = [
            (name, old, new, source.partition(":")[0])
            for name, old, new, source in AttributeChange.objects.filter(profile=one).values_list(
                "name", "old", "new", "source"
            )
        ]
        found[frozenset(names[one.pk])] = (
            one.attributes,
            sorted(changes, key=repr),
            set(Event.objects.filter(profile=one).values_list("message_id", flat=True)),
            set(AccountMember.objects.filter(profile=one).values_list("account__key", "since")),
            (one.created_at, one.last_seen_at),
        )
    return found


def known(history: Calls) -> set[str]:
    return {str(one[name]) for one in history for name in ("userId", "anonymousId", "previousId") if one.get(name)}


@pytest.mark.django_db
@settings(EXAMPLES, max_examples=40)
@given(histories, joins, st.booleans())
def test_a_join_that_is_undone_leaves_no_trace(history: Calls, join: dict[str, Any], at_once: bool) -> None:
    """Also where the join came in the same batch as all that was before it. What it brought itself is an event."""
    assume({join["userId"], join.get("anonymousId") or join["previousId"]} <= known(history))
    with transaction.atomic():
        calls(*history)
        before = people()
        transaction.set_rollback(True)
    with transaction.atomic():
        if at_once:
            calls(*history, join)
        else:
            calls(*history)
            calls(join)
        for merge in Merge.objects.filter(message_id=join["messageId"]).order_by("-pk"):
            unmerge(merge.pk, by=None, now=NOW)
        Event.objects.filter(message_id=join["messageId"]).delete()
        after = people()
        transaction.set_rollback(True)
    assert after == before


@pytest.mark.django_db
@settings(EXAMPLES, max_examples=20)
@given(st.lists(histories, min_size=1, max_size=3), st.data())
def test_segments_follow_joins_and_their_undoing(batches: list[Calls], data: st.DataObject) -> None:
    with transaction.atomic():
        fair = lists.create("Fair", "", by=None, now=NOW)
        on = {"type": "list", "list": fair.pk, "in": True}
        for n, condition in enumerate([*ASKED, on, {"type": "none", "of": [on]}]):
            segments.create(f"Segment {n}", condition)
        segments.build_all(NOW)
        now = NOW
        for batch in batches:
            now += timedelta(seconds=1)
            calls(*batch, now=now)
            everybody = list(Profile.objects.values_list("pk", flat=True))
            lists.add(fair, data.draw(st.lists(st.sampled_from(everybody), max_size=2)), now, "test")
            if data.draw(st.booleans()):
                _drain(now)
        _compare(now)
        standing = Merge.objects.filter(undone_at=None, survivor__merged_into=None).order_by("-pk")
        while (merge := standing.first()) is not None:
            now += timedelta(seconds=1)
            unmerge(merge.pk, by=None, now=now)
            if data.draw(st.booleans()):
                _drain(now)
        _compare(now)
        assert ListEntry.objects.filter(profile__merged_into__isnull=False).count() == 0
        assert set(Account.objects.values_list("key", flat=True)) <= {"acme", "zeta"}
        transaction.set_rollback(True)


def _drain(now: Any) -> None:
    while membership.tick(now) + membership.take(100, now):
        pass


def _compare(now: Any) -> None:
    """Followed, asked by SQL and asked one by one: the same people."""
    _drain(now)
    everybody = list(Profile.objects.filter(merged_into=None).values_list("pk", flat=True))
    for segment in Segment.objects.all():
        condition = ast.parse(segment.condition)
        followed = set(Membership.objects.filter(segment=segment).values_list("profile_id", flat=True))
        by_sql = set(compiler.ids(condition, now))
        one_by_one = {one for one in everybody if one in evaluate.matches([condition], [one], now)[condition]}
        assert (followed, by_sql, segment.size) == (one_by_one, one_by_one, len(one_by_one)), segment.condition
