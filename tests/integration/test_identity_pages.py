"""Pages of joins, identity rules and companies, and the API of joins."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from profiles.ingest.rules import BLOCKED
from profiles.models import Account, IdentitySettings, Merge, Profile
from tests.builders import calls, identify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "valkey")]

SignedIn = Callable[[str], Client]


@pytest.fixture
def merge() -> Merge:
    calls(identify("u1", "a1", name="Ann"), identify("u2", "a9"))
    calls(identify("", "a2", city="Bonn"))
    calls(identify("u1", "a2"), identify("u1", "a9"))
    return Merge.objects.get()


def test_the_page_of_a_person_tells_of_joins_and_takes_apart(client_as: SignedIn, merge: Merge) -> None:
    fragment = reverse("person_identity", args=[merge.survivor_id])
    text = client_as("analyst").get(fragment).content.decode()
    assert "By the same visitor id: a2" in text
    assert "Bonn" in text
    assert "It belongs to somebody with another user id." in text
    assert "Take apart" not in text
    page = client_as("analyst").get(reverse("person", args=[merge.survivor_id])).content.decode()
    assert f'hx-get="{fragment}"' in page
    undo = reverse("merge_undo", args=[merge.pk])
    assert client_as("analyst").post(undo).status_code == 403
    assert "Take apart" in client_as("marketer").get(fragment).content.decode()
    client = client_as("marketer")
    response = client.post(undo)
    assert response.headers["Location"] == reverse("person", args=[merge.loser_id])
    merge.refresh_from_db()
    assert merge.undone_by is not None
    assert Profile.objects.get(pk=merge.loser_id).merged_into is None
    assert "Taken apart" in client.get(fragment).content.decode()
    assert client.post(undo).headers["Location"] == reverse("person", args=[merge.survivor_id])
    assert client.get(undo).status_code == 405


def test_the_api_lists_joins_and_undoes_one(merge: Merge, api_key: str) -> None:
    client = Client(headers={"Authorization": f"Bearer {api_key}"})
    (found,) = client.get("/api/merges/", {"profile": merge.loser_id}).json()["results"]
    assert (found["id"], found["survivor"], found["loser"], found["kind"], found["value"]) == (
        merge.pk,
        merge.survivor_id,
        merge.loser_id,
        "anonymous_id",
        "a2",
    )
    assert found["loser_before"]["attributes"] == {"city": "Bonn"}
    assert client.get("/api/merges/", {"profile": "x"}).status_code == 400
    assert client.post(f"/api/merges/{merge.pk}/undo/").json()["undone_at"] is not None
    again = client.post(f"/api/merges/{merge.pk}/undo/")
    assert (again.status_code, again.json()) == (409, {"error": "This join was undone before."})


def test_the_rules_can_be_changed_by_an_admin(client_as: SignedIn) -> None:
    page = reverse("identity_rules")
    assert client_as("analyst").get(page).status_code == 200
    client = client_as("admin")
    form = client.get(page).context["form"]
    given: dict[str, Any] = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    assert given["blocked"].split("\n") == list(BLOCKED)
    given |= {"merges_a_day": 1, "blocked": "Nobody@*\nnull\nnull"}
    assert client_as("marketer").post(page, given).status_code == 403
    assert client.post(page, given | {"most_email": 0}).status_code == 422
    assert client.post(page, given).status_code == 302
    assert IdentitySettings.objects.get().limits["blocked"] == ["nobody@*", "null"]
    calls(identify("u1"), identify("", "a1", x=1), identify("", "a2", x=2), identify("", "a3", email="nobody@x.y"))
    results, _ = calls(identify("u1", "a1"), identify("u1", "a2"))
    assert [one.warnings for one in results] == [(), ("anonymous_id: not joined: too many joins within a day",)]


def test_companies_have_pages(client_as: SignedIn) -> None:
    group = {"type": "group", "userId": "u1", "groupId": "acme", "traits": {"name": "Acme & Co", "plan": {"seats": 5}}}
    calls(identify("u1", name="Ann"), group, group | {"userId": "u2", "traits": {"industry": "Retail"}})
    acme, client = Account.objects.get(), client_as("analyst")
    ann = Profile.objects.get(attributes__name="Ann")
    assert "Acme &amp; Co" in client.get(reverse("companies"), {"q": "acm"}).content.decode()
    assert "No company found" in client.get(reverse("companies"), {"q": "zzz"}).content.decode()
    text = client.get(reverse("company", args=[acme.pk])).content.decode()
    assert "2 people" in text
    assert "Ann" in text
    assert "<dt>seats</dt><dd>5</dd>" in text
    assert "Ann" in client.get(reverse("company", args=[acme.pk]), {"q": "ann"}).content.decode()
    assert "Nobody found" in client.get(reverse("company", args=[acme.pk]), {"q": "zoe"}).content.decode()
    assert "Acme &amp; Co" in client.get(reverse("person_companies", args=[ann.pk])).content.decode()


def test_companies_are_sorted_and_paged(client_as: SignedIn) -> None:
    calls(*({"type": "group", "userId": f"u{n}", "groupId": f"g{n % 60:02}"} for n in range(61)))
    client = client_as("analyst")
    first = client.get(reverse("companies")).content.decode()
    assert first.index("g00") < first.index("g59")  # the one with two people leads
    by_name = client.get(reverse("companies"), {"sort": "name", "page": 2}).content.decode()
    assert ("g50" in by_name, "g49" in by_name) == (True, False)
    assert "51 – 60 of 60" in by_name


def test_attributes_of_companies_are_edited_and_asked_for(client_as: SignedIn) -> None:
    calls({"type": "group", "userId": "u1", "groupId": "acme", "traits": {"industry": "Food", "plan": {"seats": 5}}})
    acme, client = Account.objects.get(), client_as("marketer")
    address = reverse("company_attributes", args=[acme.pk])
    odd = client.post(address, {"name": "size", "type": "number", "value": "many", "add": "1"})
    assert (odd.status_code, "A number looks like" in odd.content.decode()) == (422, True)
    client.post(address, {"name": "Size", "type": "number", "value": "7", "add": "1"})
    client.delete(f"{address}?name=industry")
    acme.refresh_from_db()
    assert acme.attributes == {"plan": {"seats": 5}, "size": 7}
    drawn = client.get(reverse("segment_new"), {"company": acme.pk, "attribute": "size"}).content.decode()
    assert "&quot;account&quot;" in drawn
    assert (
        "&quot;account&quot;"
        not in client.get(reverse("segment_new"), {"company": acme.pk, "attribute": "plan"}).content.decode()
    )
    assert client_as("analyst").post(address, {"name": "size", "type": "number", "value": "1"}).status_code == 403
