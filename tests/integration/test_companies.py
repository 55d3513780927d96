"""Companies: told of by group calls, joined, asked about; what is new of one reaches all of its people."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from profiles.models import Account, AccountMember, Change, Membership, Profile
from profiles.segments import ast, compiler, evaluate, membership
from profiles.segments.building import rebuild
from profiles.services.segments import create
from tests.builders import calls, identify
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

RETAIL = {"type": "account", "field": "industry", "op": "eq", "value": "Retail"}


def group(user_id: str, key: str, **traits: Any) -> dict[str, Any]:
    """A group call."""
    return {"type": "group", "userId": user_id, "groupId": key, "traits": traits}


def test_group_calls_make_companies() -> None:
    calls(group("u1", "acme", name="Acme", numberOfSeats=5), group("u2", "acme", name="Acme & Co"), group("u1", "null"))
    acme = Account.objects.get()
    assert (acme.key, acme.attributes) == ("acme", {"name": "Acme & Co", "number_of_seats": 5})
    assert set(AccountMember.objects.values_list("account__key", "profile__identities__value")) == {
        ("acme", "u1"),
        ("acme", "u2"),
    }


def test_statements_do_not_grow_with_the_groups() -> None:
    counts = []
    for n in (30, 90):
        with CaptureQueriesContext(connection) as captured:
            calls(*(group(f"u{n}-{i}", f"c{n}-{i % 7}", size=i) for i in range(n)))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_segments_follow_what_is_known_of_companies() -> None:
    made = create("Retail", {"type": "all", "of": [RETAIL]}, by=None)
    calls(group("u1", "acme", industry="Food"), group("u2", "acme"), identify("u3"))
    rebuild(made.pk, NOW)

    def inside() -> set[str]:
        while membership.take(1000, NOW):
            pass
        return set(Membership.objects.values_list("profile__identities__value", flat=True))

    assert inside() == set()
    calls(group("u1", "acme", industry="Retail"))
    assert inside() == {"u1", "u2"}
    calls(group("u3", "acme"))
    assert inside() == {"u1", "u2", "u3"}
    calls(group("u3", "acme", industry=None))
    assert inside() == set()
    assert not Change.objects.exists()


@pytest.mark.parametrize(
    ("op", "value", "expected"),
    [("eq", "Retail", {"u1", "u3"}), ("ne", "Retail", {"u2", "u3"}), ("is_set", None, {"u1", "u2", "u3"})],
)
def test_sql_and_python_mean_the_same(op: str, value: Any, expected: set[str]) -> None:
    calls(group("u1", "a", industry="Retail"), group("u2", "b", industry="Food"), identify("u4"))
    calls(group("u3", "a"), group("u3", "b"))
    raw = {"type": "account", "field": "industry", "op": op} | ({"value": value} if value else {})
    condition = ast.parse({"type": "all", "of": [raw]})
    compiled = compiler.compiled(condition, NOW)
    with connection.cursor() as cursor:
        cursor.execute(compiled.text, compiled.params)
        by_sql = {row[0] for row in cursor.fetchall()}
    everybody = list(Profile.objects.values_list("id", flat=True))
    facts = evaluate.load([condition], everybody, NOW)
    assert {one for one in everybody if evaluate.holds_for(condition, one, facts)} == by_sql
    assert set(Profile.objects.filter(pk__in=by_sql).values_list("identities__value", flat=True)) == expected
