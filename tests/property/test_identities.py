"""However calls are cut into batches and repeated, the same people come out and no event is lost."""

from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.models import Event, Identity, Profile
from tests.builders import alias, calls, identify, tracked

USERS, VISITORS, MAILS = ["u1", "u2", "u3"], ["a1", "a2", "a3"], ["x@y.z", "b@c.d"]


@st.composite
def call(draw: st.DrawFn) -> dict[str, Any]:
    """Any call of few people, so that they meet often."""
    user, visitor = draw(st.sampled_from([*USERS, ""])), draw(st.sampled_from([*VISITORS, ""]))
    if not user and not visitor:
        user = "u1"
    match draw(st.sampled_from(["identify", "track", "alias"])):
        case "identify":
            traits = draw(st.dictionaries(st.sampled_from(["plan", "city"]), st.sampled_from([None, 1, 2]), max_size=2))
            mail = draw(st.sampled_from([None, None, *MAILS]))
            return identify(user, visitor, **traits, **({"email": mail} if mail else {}))
        case "alias":
            return alias(draw(st.sampled_from([*USERS, *VISITORS])), user or "u1")
    return tracked("Seen", user, visitor)


def state() -> tuple[set[frozenset[tuple[str, str]]], dict[frozenset[tuple[str, str]], Any], int]:
    """Who shares a profile, what is known of each, and how many events there are."""
    owned: dict[int, set[tuple[str, str]]] = {}
    for owner, kind, value in Identity.objects.values_list("profile_id", "kind", "value"):
        owned.setdefault(owner, set()).add((kind, value))
    living = {one.pk: one for one in Profile.objects.filter(merged_into=None)}
    assert set(owned) == set(living)  # nobody without an identity, no identity on a signpost
    assert set(Event.objects.values_list("profile_id", flat=True)) <= set(living)
    events = {
        pk: sorted(Event.objects.filter(profile_id=pk).values_list("message_id", flat=True), key=str) for pk in living
    }
    known = {frozenset(ids): (living[pk].attributes, events[pk]) for pk, ids in owned.items()}
    return set(known), known, Event.objects.count()


def outcome(batches: list[list[dict[str, Any]]]) -> Any:
    """The state after these batches, in a transaction that is undone."""
    with transaction.atomic():
        for batch in batches:
            calls(*batch)
        found = state()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_calls=st.lists(call(), min_size=1, max_size=14), data=st.data())
def test_batches_do_not_matter_and_repeats_are_harmless(given_calls: list[dict[str, Any]], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(given_calls)), max_size=4)))
    edges = [0, *cuts, len(given_calls)]
    batches = [given_calls[a:b] for a, b in pairwise(edges)]
    repeats = [[one, data.draw(st.sampled_from(given_calls[: n + 1]))] for n, one in enumerate(given_calls)]

    expected = outcome([[one] for one in given_calls])
    assert expected[2] == len(given_calls)
    assert outcome(batches) == expected
    assert outcome(repeats) == expected
