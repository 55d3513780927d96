"""Rows of people taken in: new, updated, filled, left alone; who is recognised by what."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from profiles.ingest.bring import Existing, Newcomer, Rules, bring
from profiles.models import Change, Event, Identity, Profile
from profiles.services import erasure
from profiles.services.changes import declare
from tests import builders as make

pytestmark = pytest.mark.django_db


def row(number: int = 1, email: str = "", user: str = "", phone: str = "", **attributes: Any) -> Newcomer:
    """A row recognised by e-mail and user id; a phone is noted."""
    keys = {"email": email, "user_id": user}
    contacts = {"phone": phone} if phone else {}
    return Newcomer(number, {k: v for k, v in keys.items() if v}, contacts, attributes)


def outcomes(now: datetime, *rows: Newcomer, existing: Existing = "update", write: bool = True) -> list[str]:
    """What becomes of them."""
    return [one.outcome for one in bring(rows, Rules(existing, "import:7"), now, write=write)]


def test_people_are_new_updated_and_unchanged(now: datetime) -> None:
    first = [row(1, "anna@x.example", plan="pro"), row(2, "", "u2", "+49 151 2345678", age=7), row(3, "anna@x.example")]
    assert outcomes(now, *first, write=False) == ["new", "new", "unchanged"]
    assert Profile.objects.count() == 0
    assert outcomes(now, *first) == ["new", "new", "unchanged"]
    assert outcomes(now, *first, row(4, "anna@x.example", plan="free")) == [
        "unchanged", "unchanged", "unchanged", "updated",
    ]  # fmt: skip
    anna, ben = Profile.objects.order_by("pk")
    assert anna.attributes == {"email": "anna@x.example", "plan": "free"}
    assert ben.attributes == {"phone": "+49 151 2345678", "age": 7}
    assert (anna.last_seen_at, anna.created_at) == (None, now)
    assert sorted(Identity.objects.values_list("kind", "value")) == [
        ("email", "anna@x.example"), ("phone", "+491512345678"), ("user_id", "u2"),
    ]  # fmt: skip
    assert Event.objects.count() == 0


def test_only_gaps_are_filled(now: datetime) -> None:
    bring([row(1, "anna@x.example", "u1", plan="pro", city="")], Rules("update", "import:6"), now)
    assert outcomes(now, row(1, "new@x.example", "u1", plan="free", city="Rome"), existing="fill") == ["updated"]
    assert Profile.objects.get().attributes == {"email": "anna@x.example", "plan": "pro", "city": "Rome"}
    assert outcomes(now, row(1, "anna@x.example", "u1", plan="none"), existing="fill") == ["unchanged"]


def test_who_exists_is_left_alone(now: datetime) -> None:
    bring([row(1, "anna@x.example", "u1", plan="pro")], Rules("update", "import:6"), now)
    rows = [row(1, "anna@x.example", plan="free"), row(2, "ben@x.example", plan="a"), row(3, "ben@x.example", plan="b")]
    assert outcomes(now, *rows, existing="skip") == ["skipped", "new", "skipped"]
    assert [one.attributes["plan"] for one in Profile.objects.order_by("pk")] == ["pro", "a"]


def test_what_is_noted_joins_nobody(now: datetime) -> None:
    """One phone for a family: three people, and the number leads to the first."""
    rows = [row(n, f"p{n}@x.example", phone="+491512345678") for n in (1, 2, 3)]
    assert outcomes(now, *rows) == ["new", "new", "new"]
    assert Profile.objects.count() == 3
    assert Identity.objects.get(kind="phone").profile.attributes["email"] == "p1@x.example"
    assert {one.attributes["phone"] for one in Profile.objects.all()} == {"+491512345678"}


def test_the_rules_of_identity_hold(now: datetime) -> None:
    make.calls(make.identify("u1", email="anna@x.example"))
    make.calls(make.tracked("Visited", anonymous_id="visitor"))
    assert outcomes(now, row(1, "test@test.com"), row(2, "anna@x.example", "u2"), row(3, "anna@x.example")) == [
        "nobody", "new", "unchanged",
    ]  # fmt: skip
    assert Identity.objects.get(kind="email").profile.identities.get(kind="user_id").value == "u1"
    joined = Newcomer(4, {"anonymous_id": "visitor", "email": "anna@x.example"})
    assert outcomes(now, joined) == ["updated"]
    assert Profile.objects.filter(merged_into=None).count() == 2


def test_who_wants_to_hear_of_it_is_told(now: datetime) -> None:
    declare("journeys", "version:1", [("attribute", "plan"), ("created", "")])
    bring([row(1, "anna@x.example", plan="pro", city="Rome")], Rules("update", "import:7"), now)
    assert list(Change.objects.order_by("id").values_list("kind", "key", "data")) == [
        ("created", "", {}),
        ("attribute", "plan", {"old": None, "new": "pro", "source": "import:7"}),
    ]


def test_a_batch_means_the_same_as_its_rows_one_by_one(now: datetime, django_assert_max_num_queries: Any) -> None:
    rows = [row(n, f"p{n % 40}@x.example", f"u{n % 60}" if n % 3 else "", count=n) for n in range(1, 121)]
    with django_assert_max_num_queries(30):
        bring(rows, Rules("update", "import:7"), now)
    together = sorted(map(repr, Profile.objects.filter(merged_into=None).values_list("attributes", flat=True)))
    owned = Identity.objects.count()
    Profile.objects.all().delete()
    for one in rows:
        bring([one], Rules("update", "import:7"), now)
    assert sorted(map(repr, Profile.objects.filter(merged_into=None).values_list("attributes", flat=True))) == together
    assert Identity.objects.count() == owned


def test_a_file_does_not_bring_back_who_was_erased(now: datetime) -> None:
    """Neither by the address nor by the user id; who identified anew is known again."""
    make.calls(make.identify("u1", email="anna@x.example"), make.identify("u2", email="ben@x.example"))
    for person in Profile.objects.all():
        erasure.erase(person, by=None, now=now)
    later = now + timedelta(days=1)
    file = [row(1, "anna@x.example"), row(2, "", "u1"), row(3, "anna@x.example", "u2"), row(4, "cleo@x.example")]
    assert outcomes(later, *file, write=False) == ["erased", "erased", "erased", "new"]
    assert outcomes(later, *file) == ["erased", "erased", "erased", "new"]
    assert [one.attributes["email"] for one in Profile.objects.all()] == ["cleo@x.example"]
    make.calls(make.identify("u2", email="ben@x.example"), now=later)
    assert outcomes(later + timedelta(days=1), row(1, "ben@x.example", "u2", plan="pro"), row(2, "", "u1")) == [
        "updated",
        "erased",
    ]
