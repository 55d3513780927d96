"""The timeline of one person: everything, once, however much."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from journeys.engine import inbox, runner
from journeys.models import Message, Template
from omnichannel.accounts.models import User
from omnichannel.shared.slots import Entry, Window
from profiles.ingest import TrackRow, track
from profiles.models import Event, Profile, Topic
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
    lines: list[Entry] = []
    before: str | None = None
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
