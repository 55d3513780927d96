"""The list of people: search, pages, filters."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from profiles.models import ListEntry, Membership, Profile, Segment, Suppression
from profiles.queries.people import PAGE, people_page, search
from profiles.queries.people_filters import PeopleFilters
from profiles.services import lists
from tests.builders import alias, calls, identify, profile
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


As = Callable[[str], Client]
HOUR = timedelta(hours=1)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_search_finds_names_addresses_and_ids() -> None:
    maria = profile(first_name="María", last_name="Schulz", email="maria@shop.example", phone="+49 30 555")
    other = profile(NOW - HOUR, name="Schulze & Sohn 100%", email="info@x_y.example")
    calls(identify("user-7", "visitor-7"))
    third = Profile.objects.order_by("id").last()
    assert search("schulz") == [maria.pk, other.pk]
    assert search("SCHULZ maría") == [maria.pk]
    assert search("ria@sho") == [maria.pk]
    assert search("30 555") == [maria.pk]
    assert search("100%") == [other.pk]
    assert search("x_y") == [other.pk]
    assert search("xzy") == []
    assert search("user-7") == search("visitor-7") == search(f"Visitor {third.pk}") == [third.pk]
    assert search(str(other.pk)) == [other.pk]
    assert search("  ") == []


def test_search_by_an_old_number_finds_the_survivor_and_stays_in_the_segment() -> None:
    calls(identify("u1", name="Ada"), identify("u2"))
    first, second = Profile.objects.order_by("id")
    calls(alias("u1", "u2"))
    assert search(str(first.pk)) == search("ada") == [second.pk]
    segment = Segment.objects.create(name="VIP")
    assert search("ada", segment=segment.pk) == search("u1", segment=segment.pk) == []
    Membership.objects.create(segment=segment, profile=second, since=NOW)
    assert search("ada", segment=segment.pk) == search("u1", segment=segment.pk) == [second.pk]


@pytest.mark.parametrize("sort", ["seen", "away", "new"])
def test_pages_show_everybody_once_in_order(sort: str) -> None:
    for n in range(PAGE * 2 + 7):
        profile(NOW - (n // 3) * HOUR, n=n)
    seen, after = [], ""
    for _ in range(3):
        page = people_page(PeopleFilters(), NOW, sort=sort, after=after)
        seen += [one.pk for one in page.people]
        after = page.next
    order = {"seen": ("-seen__at", "-pk"), "away": ("seen__at", "pk"), "new": ("-pk",)}[sort]
    assert seen == list(Profile.objects.order_by(*order).values_list("pk", flat=True))
    assert (after, page.total, page.total_is) == ("", PAGE * 2 + 7, "exact")


def test_pages_of_a_search() -> None:
    for n in range(PAGE + 3):
        profile(NOW - n * HOUR, name=f"Ada {n}")
    first = people_page(PeopleFilters("ada"), NOW)
    second = people_page(PeopleFilters("ada"), NOW, after=first.next)
    names = [one.display_name for one in (*first.people, *second.people)]
    assert names == [f"Ada {n}" for n in range(PAGE + 3)]
    assert (first.total, second.next) == (PAGE + 3, "")


def test_the_list(client_as: As) -> None:
    client = client_as("analyst")
    assert "Nobody here yet" in text(client.get("/people/"))
    segment = Segment.objects.create(name="VIP", size=1)
    ada, bob = (
        profile(name="Ada", email="a@b.c", city="Bonn", country="DE"),
        profile(name="Bob <b>", phone="+4930123456"),
    )
    Membership.objects.create(segment=segment, profile=ada, since=NOW)
    Suppression.objects.create(kind="phone", address="+4930123456", reason="blocked", at=NOW)
    whole = text(client.get("/people/"))
    assert "Bob &lt;b&gt;" in whole
    assert "Bonn, DE" in whole
    assert "Phone (blocked)" in whole
    assert "2 people" in whole
    inside = text(client.get(f"/people/?segment={segment.pk}"))
    assert f"/people/{ada.pk}/" in inside
    assert f"/people/{bob.pk}/" not in inside
    part = client.get("/people/?q=nobody", headers={"HX-Request": "true", "HX-Target": "people-list"})
    assert "Nobody found" in text(part)
    assert "<html" not in text(part)
    assert client.get("/people/?segment=999").status_code == 404
    assert Client().get("/people/").status_code == 302


def test_the_list_takes_the_same_statements_for_two_and_for_fifty(client_as: As) -> None:
    client = client_as("analyst")
    client.get("/people/")  # what is read once in a process
    counts = []
    for n in (2, 48):
        for i in range(n):
            profile(name=f"Ada {i}", email=f"{n}-{i}@b.c")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get("/people/")
        counts.append(len([one for one in captured if "shared_clockoffset" not in one["sql"]]))
    assert counts[0] == counts[1]


def test_the_list_is_narrowed_by_the_address(client_as: As) -> None:
    ada, bob = profile(name="Ada", plan="pro", age=40), profile(name="Bob", plan="free", age=30)
    fair = lists.create("Fair", "", by=None, now=NOW)
    lists.add(fair, [ada.pk], NOW, "api")
    client = client_as("analyst")

    def shown(query: str) -> set[str]:
        page = text(client.get(f"/people/?{query}"))
        return {name for name in ("Ada", "Bob") if f'<span class="person-name">{name}</span>' in page}

    assert shown(f"list={fair.pk}") == {"Ada"}
    assert shown("attribute=plan&op=eq&value=free") == {"Bob"}
    assert shown("attribute=age&op=gt&value=35") == {"Ada"}
    assert shown("attribute=age&op=gt&value=many") == set()
    assert shown("attribute=vip&op=is_not_set") == {"Ada", "Bob"}
    assert shown(f"q=a&list={fair.pk}&attribute=plan&op=eq&value=pro") == {"Ada"}
    assert shown("q=bob&attribute=plan&op=eq&value=pro") == set()
    assert client.get("/people/?list=999").status_code == 404
    page = text(client.get("/people/?columns=plan&columns=last"))
    assert '<td data-label="Plan"><span class="break">free</span></td>' in page
    assert 'data-label="From"' not in page
    assert 'data-label="Plan"' in text(client.get("/people/"))  # remembered
    asked = {"HX-Request": "true", "HX-Target": "people-list"}
    part = client.get("/people/?q=&segment=&attribute=&op=eq&value=&sort=seen&columns=plan", headers=asked)
    assert part.headers["HX-Push-Url"] == "/people/?columns=plan"
    assert bob.pk


def test_chosen_people_go_on_a_list(client_as: As) -> None:
    ada, bob = profile(name="Ada"), profile(name="Bob")
    client = client_as("marketer")
    answer = client.post("/people/to-list/", {"ids": [ada.pk, bob.pk], "name": "Fair", "next": "/people/?q=a"})
    assert answer.headers["Location"] == "/people/?q=a"
    assert set(ListEntry.objects.values_list("profile_id", flat=True)) == {ada.pk, bob.pk}
    client.post("/people/to-list/", {"ids": [ada.pk, "x"], "list": ListEntry.objects.all()[0].list_id, "next": "//x.y"})
    assert ListEntry.objects.count() == 2
    assert client_as("analyst").post("/people/to-list/", {"ids": [ada.pk], "name": "x"}).status_code == 403
