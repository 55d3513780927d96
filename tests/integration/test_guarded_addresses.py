"""Addresses that nobody is written to: those of people who were erased, and values that name nobody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from journeys.delivery import outbox
from journeys.models import Message
from profiles.ingest import update_attributes
from profiles.ingest.bring import Newcomer, Rules, bring
from profiles.ingest.rules import BLOCKED
from profiles.models import Identity, Membership, Profile, Segment, Suppression
from profiles.queries.reach import answers, reach
from profiles.segments import ast, compiler, evaluate, membership
from profiles.services import erasure, identity_rules, segments, suppressions
from tests.builders import account, calls, email_template, identify, message, profile
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "valkey")]

As = Callable[[str], Client]
HOUR = timedelta(hours=1)


def asked(by: str = "email") -> dict[str, Any]:
    return {"type": "reachable", "by": by, "reachable": True}


def reached(by: str = "email") -> set[int]:
    """Whom the condition finds; SQL and Python have to agree."""
    condition = ast.parse(asked(by))
    people = list(Profile.objects.filter(merged_into=None).values_list("pk", flat=True))
    found = set(compiler.ids(condition, NOW))
    assert evaluate.matches([condition], people, NOW)[condition] == found
    return found


def why_not(person: Profile, channel: str = "email") -> str:
    return next(str(one.why_not) for one in reach(person, [], answers(person)) if one.way.channel == channel)


def sent_to(person: Profile) -> tuple[str, str]:
    """What becomes of a message to them."""
    account("sandbox")
    one = message(person, email_template(f"To {person.pk}"))
    outbox.send_due(NOW + 2 * HOUR)
    return Message.objects.values_list("state", "reason").get(pk=one.pk)


def erased(**traits: Any) -> None:
    calls(identify("gone", **traits))
    erasure.erase(Identity.objects.get(value="gone").profile, by=None, now=NOW + HOUR)


def comes_by_a_call() -> None:
    calls(identify("new", email="Lovelace@x.example", phone="+49 30 123456"), now=NOW + 2 * HOUR)


def comes_by_a_file() -> None:
    row = Newcomer(1, {"user_id": "new"}, {"email": "Lovelace@x.example", "phone": "+49 30 123456"})
    bring([row], Rules("update", "import:1"), NOW + 2 * HOUR)


def comes_by_hand() -> None:
    calls(identify("new"))
    told = {"email": "Lovelace@x.example", "phone": "+49 30 123456"}
    update_attributes({Profile.objects.get().pk: told}, NOW + 2 * HOUR, "ui")


WAYS = pytest.mark.parametrize("comes", [comes_by_a_call, comes_by_a_file, comes_by_hand])


@WAYS
def test_an_address_of_somebody_erased_is_known_again_as_blocked(comes: Callable[[], None]) -> None:
    made = segments.create("Reached", asked())
    segments.build_all(NOW)
    erased(email="lovelace@x.example", phone="0049 30 123456")
    assert "lovelace" not in str(list(Suppression.objects.values()))
    comes()
    person = Profile.objects.get()
    while membership.take(1000, NOW + 2 * HOUR):
        pass
    assert reached("email") == reached("phone") == set()
    assert not Membership.objects.filter(segment=made).exists()
    assert why_not(person) == why_not(person, "sms") == "blocked since the person was erased"
    assert sent_to(person) == ("skipped", "suppressed")


def test_a_hash_is_not_shown(client_as: As) -> None:
    erased(email="lovelace@x.example")
    (kept,) = Suppression.objects.all()
    client = client_as("marketer")
    assert kept.address not in client.get("/consent/").content.decode()
    answer = client.post(f"/consent/{kept.pk}/release/", follow=True).content.decode()
    assert ("This address can get messages again" in answer, kept.address in answer) == (True, False)
    comes_by_a_call()
    assert reached() == {Profile.objects.get().pk}


def test_released_it_is_written_to_again() -> None:
    erased(email="lovelace@x.example")
    comes_by_a_call()
    person = Profile.objects.get()
    suppressions.release(Suppression.objects.get(address="lovelace@x.example"), NOW)
    assert reached() == {person.pk}
    assert sent_to(person) == ("sent", "")


def test_who_shares_the_address_of_somebody_erased_hears_of_it() -> None:
    other, blocked = profile(email="Lovelace@x.example"), profile(email="both@x.example")
    suppressions.suppress({("email", "both@x.example"): "complained"}, NOW)
    made = segments.create("Reached", asked())
    segments.build_all(NOW)
    assert set(Membership.objects.filter(segment=made).values_list("profile_id", flat=True)) == {other.pk}
    erased(email="lovelace@x.example")
    calls(identify("gone too", email="both@x.example"), now=NOW + 2 * HOUR)
    erasure.erase(Identity.objects.get(value="gone too").profile, by=None, now=NOW + 3 * HOUR)
    while membership.take(1000, NOW + 3 * HOUR):
        pass
    assert reached() == set()
    assert not Membership.objects.filter(segment=made).exists()
    assert why_not(blocked) == "complained"


@WAYS
def test_a_value_that_names_nobody_is_kept_and_not_written_to(comes: Callable[[], None]) -> None:
    identity_rules.change({"blocked": ["lovelace@*"]}, NOW)
    comes()
    person = Profile.objects.get()
    assert person.attributes["email"] == "Lovelace@x.example"
    assert not Identity.objects.filter(kind="email").exists()
    assert list(Suppression.objects.values_list("kind", "address", "reason")) == [
        ("email", "lovelace@x.example", "nobody")
    ]
    assert (reached("email"), reached("phone")) == (set(), {person.pk})
    assert why_not(person) == "names nobody"
    assert sent_to(person) == ("skipped", "suppressed")


def test_the_caller_is_told() -> None:
    told = calls(identify("u1", email="test@test.com"))[0][0].warnings
    assert told == ("email: not used, and nothing is sent to it: this value names nobody",)


def test_what_names_nobody_from_now_on_or_no_more(client_as: As) -> None:
    ann, bob = profile(email="Info@a.example"), profile(email="noreply@b.example")
    calls(identify("u1", email="noreply@b.example", phone="+1 555 5550"))
    assert reached() == {ann.pk}
    made = segments.create("Reached", asked())
    segments.build_all(NOW)
    identity_rules.change({"blocked": ["info@*", "+1555*"]}, NOW)
    while membership.take(1000, NOW):
        pass
    u1 = Identity.objects.get(value="u1").profile_id
    assert (reached(), reached("phone")) == ({bob.pk, u1}, set())
    assert set(Membership.objects.filter(segment=made).values_list("profile_id", flat=True)) == {bob.pk, u1}
    assert set(Suppression.objects.values_list("address", flat=True)) == {"info@a.example", "+15555550"}
    # It is not released one by one: it would come back with the next call.
    kept = Suppression.objects.get(kind="email")
    page = client_as("marketer").get("/consent/").content.decode()
    assert f"/consent/{kept.pk}/release/" not in page
    assert "Names nobody" in page
    with pytest.raises(suppressions.AddressError):
        suppressions.release(kept, NOW)
    identity_rules.change({"blocked": list(BLOCKED)}, NOW)
    assert not Suppression.objects.filter(address="info@a.example").exists()
    assert Segment.objects.get().state == "live"
