"""A condition means the same in SQL and in Python, for any tree and any data."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.models import (
    Account,
    AccountMember,
    AttributeChange,
    Consent,
    Event,
    Identity,
    ListEntry,
    Membership,
    PeopleList,
    Profile,
    Segment,
    Suppression,
    Topic,
)
from profiles.segments import ast, compiler, describe, evaluate
from profiles.segments.interests import matches_blank
from profiles.segments.kinds.bucket import Bucket
from profiles.segments.kinds.consent import Consents
from tests.conftest import NOW
from tests.property.segment_strategies import LISTS, SEGMENTS, conditions, people

DATABASE = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


MINUTE = timedelta(minutes=1)


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
    _contacts(pairs)
    _circles(pairs)
    return [row.pk for row in rows]


def _circles(pairs: list[tuple[Profile, dict[str, Any]]]) -> None:
    """Lists, and companies with their people."""
    PeopleList.objects.bulk_create(PeopleList(pk=pk, name=f"List {pk}", created_at=NOW) for pk in LISTS)
    ListEntry.objects.bulk_create(
        ListEntry(list_id=pk, profile=row, at=NOW) for row, one in pairs for pk in one["lists"]
    )
    firms = Account.objects.bulk_create(
        Account(key=f"firm {n}", attributes=one["company"], created_at=NOW, updated_at=NOW)
        for n, (_row, one) in enumerate(pairs)
    )
    AccountMember.objects.bulk_create(
        AccountMember(account=firms[n % len(firms)], profile=row, since=NOW)
        for row, one in pairs
        for n in {n % len(firms) for n in one["companies"]}
    )


def _contacts(pairs: list[tuple[Profile, dict[str, Any]]]) -> None:
    """Identities, words and blocked addresses: the first e-mail and the first device of all are blocked."""
    topic = Topic.objects.create(slug="news", name="News", default_subscribed=len(pairs) % 2 == 0)
    Identity.objects.bulk_create(
        Identity(profile=row, kind=kind, value=f"{row.pk}-{n}", created_at=NOW)
        for row, one in pairs
        for n, kind in enumerate(one["known_by"])
    )
    Consent.objects.bulk_create(
        Consent(profile=row, topic=topic, channel=channel, subscribed=said, source="test", at=NOW - n * MINUTE)
        for row, one in pairs
        for n, (channel, said) in enumerate(one["said"].items())
    )
    AttributeChange.objects.bulk_create(
        AttributeChange(profile=row, name=name, new={"plan": 1} if name == "" else 1, source="test", at=at)
        for row, one in pairs
        for name, at in one["changed"]
    )
    devices = Identity.objects.filter(kind="device_token").order_by("profile_id", "value").values_list("value")[:1]
    Suppression.objects.bulk_create(
        [Suppression(kind="device_token", address=value, reason="test", at=NOW) for (value,) in devices]
        + [Suppression(kind="email", address="a@x.example", reason="test", at=NOW)] * (len(pairs) % 3 == 0)
    )


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
            nothing = {
                "merged": False,
                "attributes": {},
                "events": [],
                "segments": [],
                "known_by": [],
                "lists": [],
                "companies": [],
                "company": {},
                "said": {},
                "changed": [],
            }
            asked = [one for one in asked if not any(isinstance(leaf, Bucket | Consents) for leaf in ast.leaves(one))]
            in_python = evaluate.matches(asked, store([nothing]), NOW)
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
    assert describe.words(read, {}) != ""
