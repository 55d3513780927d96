"""The list of people and the page of one person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from journeys.engine import inbox, runner
from journeys.models import Delivery, Journey, Message, Template
from omnichannel.accounts.models import User
from omnichannel.shared.slots import Window
from profiles.ingest import TrackRow, track
from profiles.models import Event, Identity, ListEntry, Membership, Profile, Segment, Suppression, Topic
from profiles.queries.people import PAGE, people_page, search
from profiles.queries.people_filters import PeopleFilters
from profiles.queries.portrait import portrait
from profiles.queries.reach import answers, reach
from profiles.queries.timeline import SHOWN, timeline
from profiles.queries.timeline_rows import SQL
from profiles.segments import membership
from profiles.services import lists, notes, segments
from profiles.services.consent import Word, say
from profiles.services.people import set_attribute
from tests.builders import alias, calls, event, identify, journey, profile, tracked
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
    order = {"seen": ("-last_seen_at", "-pk"), "away": ("last_seen_at", "pk"), "new": ("-pk",)}[sort]
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


def test_the_page_of_a_person(client_as: As) -> None:
    calls(
        identify("u1", "a1", firstName="Ada", email="ada@x.y", address={"city": "Bonn"}, tags=["a", "b"], vip=True),
        tracked("Order Completed", "u1", total=50.5, currency="EUR"),
        tracked("Order Completed", "u1", revenue=1000),
        {"type": "page", "userId": "u1", "name": "Home", "properties": {"url": "https://x.y/<>"}},
    )
    ada = Profile.objects.get()
    say([Word(ada.pk, Topic.objects.create(slug="n", name="News").pk, "email", False, "form")], NOW)
    Membership.objects.create(profile=ada, segment=Segment.objects.create(name="VIP"), since=NOW)
    Suppression.objects.create(kind="email", address="ada@x.y", reason="bounced", at=NOW)
    page = text(client_as("analyst").get(f"/people/{ada.pk}/"))
    for words in (
        "<h1>Ada</h1>",
        "ada@x.y</span> · bounced",
        "E-mail: no",
        "No by E-mail, form",
        "€ 1,050",
        "Looked at",
        "https://x.y/&lt;&gt;",
        "Told us about themselves",
        "total 50.5 · currency EUR",
        "address",
        "a, b",
        "News",
        "VIP",
        "User id",
        reverse("profile_journeys", args=[ada.pk]),
        reverse("profile_messages", args=[ada.pk]),
    ):
        assert words in page, words
    assert "hx-delete" not in page  # an analyst reads


def test_old_addresses_lead_to_the_survivor(client_as: As) -> None:
    calls(identify("u1"), identify("u2"))
    first, second = Profile.objects.order_by("id")
    calls(alias("u1", "u2"))
    client = client_as("analyst")
    assert client.get(f"/people/{first.pk}/").headers["Location"] == f"/people/{second.pk}/"
    assert client.get("/people/999999/").status_code == 404


def test_the_timeline_shows_everything_once_with_messages_between() -> None:
    ada = profile()
    template = Template.objects.create(name="Welcome", channel="email")
    for n in range(SHOWN * 2 + 5):
        event(ada, f"E{n}", NOW - (n // 4) * HOUR)
        if n % 9 == 0:
            at = NOW - (n // 4) * HOUR
            Message.objects.create(
                profile_id=ada.pk,
                template_id=template.pk,
                channel="email",
                created_at=at,
                due_at=at,
                sent_at=at,
                state="sent",
            )
    lines, before = [], None
    while before != "":
        page = timeline(ada, before=before or "")
        lines += page.entries
        before = page.before
    assert len(lines) == len({line.key for line in lines}) == SHOWN * 2 + 5 + 5
    assert [(line.at, line.key) for line in lines] == sorted(((line.at, line.key) for line in lines), reverse=True)
    assert {line.title for line in lines if line.key.startswith("m")} == {"Was sent"}


def test_kinds_of_the_timeline(client_as: As) -> None:
    calls(identify("u1", "a1"), tracked("Seen", "u1"), {"type": "page", "userId": "u1", "name": "Home"})
    ada = Profile.objects.get()
    told = {"template_name": "Welcome", "journey_name": "Onboarding", "channel": "email"}
    track([TrackRow(ada.pk, "Message Opened", told, NOW, uuid4(), kind="message")], NOW)
    titles = {kind: [(e.title, e.strong) for e in timeline(ada, kind).entries] for kind in ("did", "pages", "messages")}
    assert titles == {
        "did": [("", "Seen")],
        "pages": [("Looked at", "Home")],
        "messages": [("Opened", "Welcome")],
    }
    part = text(client_as("analyst").get(f"/people/{ada.pk}/timeline/?kind=messages"))
    assert "Welcome" in part
    assert "Seen" not in part


def test_attributes_are_edited_in_place(client_as: As) -> None:
    ada = profile(plan="free", age=7, address={"city": "Bonn"})
    client, url = client_as("marketer"), f"/people/{ada.pk}/attributes/"

    def stored() -> dict[str, object]:
        ada.refresh_from_db()
        return ada.attributes

    assert 'value="free"' in text(client.get(f"{url}?name=plan"))
    assert client.post(url, {"name": "plan", "type": "text", "value": "pro"}).status_code == 200
    assert client.post(url, {"name": "age", "type": "number", "value": "8"}).status_code == 200
    added = {"add": "1", "name": "Lifetime Value", "type": "number", "value": "3.5"}
    assert client.post(url, added).status_code == 200
    assert client.post(url, {"add": "1", "name": "vip", "type": "yes_no", "value": "Yes"}).status_code == 200
    assert client.post(url, {"add": "1", "name": "tags", "type": "list", "value": "a, b,"}).status_code == 200
    assert client.post(url, {"add": "1", "name": "born", "type": "date", "value": "1990-05-01"}).status_code == 200
    assert client.post(url, {"add": "1", "name": "email", "type": "text", "value": "a@b.c"}).status_code == 200
    assert client.delete(f"{url}?name=address").status_code == 200
    assert stored() == {
        "plan": "pro",
        "age": 8,
        "lifetime_value": 3.5,
        "vip": True,
        "tags": ["a", "b"],
        "born": "1990-05-01",
        "email": "a@b.c",
    }
    assert Identity.objects.get().value == "a@b.c"
    for wrong in (
        {"name": "email", "type": "text", "value": "nobody"},
        {"name": "timezone", "type": "text", "value": "Mars"},
        {"name": "age", "type": "number", "value": "old"},
        {"name": "age", "type": "number", "value": "nan"},
        {"name": "vip", "type": "yes_no", "value": "maybe"},
        {"name": "born", "type": "date", "value": "1990-13-01"},
        {"add": "1", "name": "%%", "type": "text", "value": "x"},
        {"add": "1", "name": "x", "type": "text", "value": ""},
    ):
        assert client.post(url, wrong).status_code == 422, wrong
    assert len(stored()) == 7


def test_analysts_do_not_edit(client_as: As) -> None:
    ada = profile(plan="free")
    client = client_as("analyst")
    assert (
        client.post(f"/people/{ada.pk}/attributes/", {"name": "plan", "type": "text", "value": "x"}).status_code == 403
    )
    assert client.delete(f"/people/{ada.pk}/attributes/?name=plan").status_code == 403
    ada.refresh_from_db()
    assert ada.attributes == {"plan": "free"}


def test_messages_of_a_person(client_as: As) -> None:
    ada = profile()
    journey = Journey.objects.create(name="Onboarding")
    template = Template.objects.create(name="Welcome", channel="email")
    for state, reason in (("sent", ""), ("skipped", "no_address")):
        message = Message.objects.create(
            profile_id=ada.pk,
            template_id=template.pk,
            journey_id=journey.pk,
            channel="email",
            created_at=NOW,
            due_at=NOW,
            state=state,
            reason=reason,
            opened_at=NOW if state == "sent" else None,
        )
    letter = Delivery.objects.create(message=message, state="accepted", rendered={"subject": "Hi"}, at=NOW)
    part = text(client_as("analyst").get(reverse("profile_messages", args=[ada.pk])))
    reading = reverse("letter", args=[letter.pk])
    for words in ("Onboarding", "Welcome", "Has no address on this channel", "opened", "Sent", "Skipped", reading):
        assert words in part


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


@pytest.mark.parametrize(
    ("first", "last", "stage"),
    [
        (None, None, "Not seen yet"),
        (timedelta(days=14), timedelta(0), "New"),
        (timedelta(days=15), timedelta(days=30), "Active"),
        (timedelta(days=99), timedelta(days=31), "Slipping away"),
        (timedelta(days=99), timedelta(days=90), "Slipping away"),
        (timedelta(days=99), timedelta(days=91), "Lost"),
    ],
)
def test_stages(first: timedelta | None, last: timedelta | None, stage: str) -> None:
    ada = profile()
    if first is not None and last is not None:
        event(ada, "Seen", NOW - first)
        event(ada, "Seen", NOW - last)
    event(ada, "Message Delivered", NOW, kind="message")
    assert portrait(ada, NOW).stage.name == stage


def test_worth_hour_and_local_time() -> None:
    ada = profile(timezone="Asia/Tokyo")
    for total, currency, number in ((10, "EUR", "1"), (30, "eur", "2"), (30, "EUR", "2"), (99, "USD", "3")):
        event(ada, "Order Completed", NOW, total=total, currency=currency, order_id=number)
    event(ada, "Order Completed", NOW + HOUR, total=1000)  # has not happened yet
    for day in range(6):
        event(ada, "Seen", NOW - timedelta(days=day, hours=2))
    found = portrait(ada, NOW)
    assert [(v.currency, v.orders, v.total, v.average) for v in found.values] == [
        ("USD", 1, 99, 99),
        ("EUR", 2, 40, 20),
    ]
    assert (found.hour, found.until) == (17, 18)
    assert found.local is not None
    assert found.local.strftime("%H:%M") == "19:00"


def test_reach_says_why_not() -> None:
    news, daily = (
        Topic.objects.create(slug=s, name=s.title(), default_subscribed=s == "news") for s in ("news", "daily")
    )
    ada = profile(email="ada@x.y", phone="+4930123456")

    def why() -> dict[str, tuple[str, str]]:
        return {one.way.channel: (one.why_not, one.except_for) for one in reach(ada, [], answers(ada))}

    assert why()["email"] == ("", "Daily")
    say([Word(ada.pk, news.pk, "email", False, "form")], NOW)
    assert why()["email"] == ("unsubscribed", "")
    assert why()["sms"] == ("", "Daily")
    say([Word(ada.pk, daily.pk, "", True, "form")], NOW + HOUR)
    assert why()["email"] == ("", "News")
    Suppression.objects.create(kind="email", address="ada@x.y", reason="550 no such person", at=NOW)
    assert why()["email"] == ("blocked", "")
    assert reach(profile(), [], [])[0].why_not == "no address"


def test_ten_thousand_events_stay_quick(django_assert_max_num_queries: Any) -> None:
    ada, topic = profile(), Topic.objects.create(slug="n", name="News")
    rows = (
        Event(
            profile=ada,
            name=f"E{n % 7}",
            occurred_at=NOW - n * timedelta(minutes=1),
            received_at=NOW,
            message_id=uuid4(),
        )
        for n in range(10_000)
    )
    Event.objects.bulk_create(rows, batch_size=5_000)
    say([Word(ada.pk, topic.pk, "", True, "form")], NOW - 9_990 * timedelta(minutes=1))
    deep = timeline(ada, before=f"{(NOW - 9_980 * timedelta(minutes=1)).isoformat()}~e{0:020}")
    assert [line.key[0] for line in deep.entries].count("c") == 1
    assert len(deep.entries) == SHOWN
    with connection.cursor() as cursor:
        bound = {"profile": ada.pk, "kinds": None, **Window(21).bound("e")}
        cursor.execute("ANALYZE profiles_event")
        cursor.execute(f"EXPLAIN (FORMAT TEXT) {SQL['events']}", bound)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "event_profile_at" in plan
    assert "Seq Scan" not in plan
    with django_assert_max_num_queries(18):
        timeline(ada)


def test_one_timeline_of_everything(client_as: As, marketer: User) -> None:
    segments.create("Pros", {"type": "attribute", "field": "plan", "op": "eq", "value": "pro"}, by=None)
    segments.build_all(NOW)
    calls(identify("u1", plan="free"), identify("u2", email="old@x.y"))
    ada = Profile.objects.order_by("id")[0]
    set_attribute(ada, "plan", "pro", by=marketer, now=NOW + HOUR)
    membership.take(100, NOW + HOUR)
    calls(alias("u2", "u1"))
    ada = Profile.objects.get(merged_into=None)
    lists.add(lists.create("Fair", "", by=None, now=NOW), [ada.pk], NOW, f"user:{marketer.pk}")
    notes.write(ada, "Likes tea", by=marketer, now=NOW)
    say([Word(ada.pk, Topic.objects.create(slug="n", name="News").pk, "sms", False, "form")], NOW)
    journey(
        """
        start: entry_event(event="Seen") -> wait
        wait: delay(amount=1, unit="days") -> done
        done: exit()
        """,
        name="Welcome series",
    )
    calls(tracked("Seen", "u1"))
    inbox.take(100, NOW)
    runner.advance(NOW)
    lines = {(line.title, line.strong): line.note for line in timeline(ada).entries}
    assert lines["Changed:", "Plan: pro"] == "was free · by Marketer"
    assert lines["Came into the segment", "Pros"] == "plan changed"
    assert lines["Was put on the list", "Fair"] == "by Marketer"
    assert lines["Note by Marketer", ""] == "Likes tea"
    assert lines["Said no to", "News"] == "sms · form"
    assert lines["Came into the journey", "Welcome series"] == ""
    assert ("", "Seen") in lines
    assert any(title == "Was joined with" for title, _strong in lines)
    page = text(client_as("analyst").get(f"/people/{ada.pk}/?kind=changes&text=plan"))
    assert "Plan: pro" in page
    assert "Likes tea" not in page.split('id="timeline"')[1].split("</section>")[0]
    assert "was free until" in page
    assert {line.strong for line in timeline(ada, text="TEA").entries} == {""}
    assert timeline(ada, until=NOW - HOUR).entries == []
