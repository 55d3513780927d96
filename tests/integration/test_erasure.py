"""Export and erase one person: nothing stays, nothing brings them back by accident, nothing in flight breaks."""

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.contracts.channel import Rendered
from journeys.contracts.provider import Accepted, TryLater
from journeys.delivery import outbox
from journeys.delivery.accounts import defaults
from journeys.delivery.settle import Settled, settle
from journeys.engine import inbox, runner
from journeys.models import Delivery, Enrollment, Message, StepRecord, Tally
from omnichannel.accounts.models import User
from profiles.ingest import ingest
from profiles.ingest.decode import decode_batch
from profiles.models import Change, Event, Identity, Membership, Profile, Segment, Suppression, Topic
from profiles.queries.reach import answers, reach
from profiles.segments import membership
from profiles.services import erasure, lists, notes, segments, suppressions
from profiles.services.consent import Word, say
from tests.builders import account, alias, calls, email_template, identify, journey, message, profile, tracked
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

As = Callable[[str], Client]
LATER = NOW + timedelta(hours=1)


def ada(**more: Any) -> Profile:
    """Somebody with a trace in every table, who was once two."""
    calls(
        identify(
            "lovelace-1", "visitor-lovelace", email="lovelace@x.example", firstName="Ada", phone="+4930123456", **more
        ),
        identify("lovelace-0", "visitor-old", firstName="Ada", plan="lovelace-plan"),
        tracked("Order Completed", "lovelace-1", total=5, note="for lovelace"),
    )
    calls(
        alias("lovelace-0", "lovelace-1"),
        {"type": "group", "userId": "lovelace-1", "groupId": "g1", "traits": {"name": "X"}},
    )
    return Profile.objects.get(merged_into=None, attributes__email="lovelace@x.example")


def traces(word: str) -> dict[str, int]:
    """In how many rows of which tables the word still stands."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{word}%"])
            found[table] = cursor.fetchone()[0]
    return {table: n for table, n in found.items() if n}


def furnish(person: Profile, by: User) -> None:
    """A trace in the tables that calls do not reach."""
    notes.write(person, "Lovelace likes tea", by=by, now=NOW)
    lists.add(lists.create("Fair", "", by=by, now=NOW), [person.pk], NOW, "api")
    topic = Topic.objects.create(slug="news", name="News")
    say([Word(person.pk, topic.pk, "", False, "lovelace's form")], NOW)
    Membership.objects.create(segment=Segment.objects.create(name="VIP"), profile=person, since=NOW)
    suppressions.block(["lovelace@x.example"], NOW)
    Change.objects.create(
        consumer="segments", profile_id=person.pk, kind="event", key="x", at=NOW, data={"n": "lovelace"}
    )
    sent = message(person, email_template(), state="sent", address="lovelace@x.example", sent_at=NOW)
    Delivery.objects.create(message=sent, state="accepted", rendered={"subject": "Hi Lovelace"}, at=NOW)
    Tally.objects.create(journey_id=1, version_id=1, node_id=1, metric="sent", quarter=NOW, count=1)


def test_nothing_of_the_person_stays(marketer: User, admin: User) -> None:
    person, other = ada(), profile(email="bob@x.example")
    furnish(person, marketer)
    assert len(traces("lovelace")) > 10
    erasure.erase(person, by=admin, now=LATER)
    assert traces("lovelace") == {}
    assert traces("4930123456") == {}
    assert list(Profile.objects.all()) == [other]
    kept = Message.objects.get()
    assert (kept.profile_id, kept.state, kept.sent_at, kept.address) == (0, "sent", NOW, "")
    assert Delivery.objects.get().rendered is None
    assert Tally.objects.get().count == 1
    logged = LogEntry.objects.filter(content_type__model="profile").get()
    assert (logged.actor, logged.action, logged.object_repr) == (admin, LogEntry.Action.DELETE, f"#{person.pk}")
    with pytest.raises(erasure.GoneError):
        erasure.erase(person, by=admin, now=LATER)


def test_the_same_statements_for_much_and_for_little(admin: User) -> None:
    counts = []
    for n in (1, 2, 200):  # with the first one, what a process looks up once
        calls(*(tracked(f"E{i}", f"u{n}") for i in range(n)))
        person = Profile.objects.get()
        with CaptureQueriesContext(connection) as captured:
            erasure.erase(person, by=admin, now=LATER)
        counts.append(len(captured))
    assert counts[1] == counts[2]


def send(*items: dict[str, Any], at: Any) -> list[bool]:
    """A batch as a client sends it at a moment; whether each call was stored."""
    placed, errors = decode_batch(json.dumps({"batch": items}).encode(), at)
    assert errors == []
    return [one.stored for one in ingest([call for _, call in placed], at)]


def test_what_comes_late_or_again_does_not_bring_them_back() -> None:
    signed_up = identify("lovelace-1", "visitor-lovelace", email="lovelace@x.example")
    bought = tracked("Order Completed", "lovelace-1", total=5)
    assert send(signed_up, bought, at=NOW) == [True, True]
    erasure.erase(Profile.objects.get(), by=None, now=LATER)
    late = {**tracked("Seen", "lovelace-1"), "timestamp": NOW.isoformat(), "sentAt": (LATER + timedelta(1)).isoformat()}
    after = LATER + timedelta(days=1)
    assert send(signed_up, bought, late, tracked("Seen", None, "visitor-lovelace"), at=after) == [False] * 4
    assert Profile.objects.count() == Event.objects.count() == 0
    assert send(tracked("Seen", "bob", "visitor-lovelace"), at=after) == [True]  # a shared device: somebody else
    assert Profile.objects.count() == 1


def test_who_identifies_anew_is_somebody_new() -> None:
    assert send(identify("lovelace-1", "visitor-lovelace", email="lovelace@x.example", plan="pro"), at=NOW) == [True]
    old = Profile.objects.get()
    erasure.erase(old, by=None, now=LATER)
    after = LATER + timedelta(days=1)
    assert send(identify("lovelace-1", "visitor-lovelace"), tracked("Seen", "lovelace-1"), at=after) == [True, True]
    new = Profile.objects.get()
    assert new.pk != old.pk
    assert "plan" not in new.attributes
    assert send(tracked("Seen", None, "visitor-lovelace"), at=after + timedelta(days=1)) == [True]


def test_their_address_stays_blocked_without_being_known(valkey: Any) -> None:
    send(identify("lovelace-1", email="Lovelace@X.example"), at=NOW)
    erasure.erase(Profile.objects.get(), by=None, now=LATER)
    assert [one.reason for one in Suppression.objects.all()] == ["erased"]
    again = profile(email="lovelace@x.example")
    account("sandbox")
    message(again, email_template())
    outbox.send_due(LATER)
    assert list(Message.objects.values_list("state", "reason")) == [("skipped", "suppressed")]
    ways = {one.way.channel: one.why_not for one in reach(again, [], answers(again))}
    assert ways["email"] == "blocked since the person was erased"


@pytest.mark.parametrize("fate", [Accepted("p1"), TryLater("busy")])
def test_a_message_in_flight_is_settled_as_nobody_s(fate: Any, valkey: Any) -> None:
    account("sandbox")
    person = profile(email="lovelace@x.example")
    message(person, email_template())
    carrier = next(iter(defaults(NOW)))
    with outbox.sender() as ident:
        (claimed,) = outbox.claim(ident, carrier, 10, NOW)
        erasure.erase(person, by=None, now=NOW)
        rendered = Rendered("email", {"subject": "Hi Lovelace"})
        settle(ident, [Settled(claimed, fate, person.pk, "lovelace@x.example", rendered)], NOW)
    kept = Message.objects.get()
    expected = ("sent", "") if isinstance(fate, Accepted) else ("skipped", "gone")
    assert (kept.state, kept.reason, kept.profile_id, kept.address) == (*expected, 0, "")
    assert traces("lovelace") == {}


def test_the_engine_and_the_segments_go_on_without_them(valkey: Any) -> None:
    drawn = journey(
        """
        start: entry_event(event="Signed Up") -> wait
        wait: delay(amount=1, unit="days") -> mail
        mail: send(template="Welcome") -> done
        done: exit()
        """
    )
    segments.create("Signed up", {"type": "event", "event": "Signed Up", "did": True}, by=None)
    segments.build_all(NOW)
    calls(tracked("Signed Up", "u1"), tracked("Signed Up", "u2"))
    one, two = Profile.objects.order_by("id")
    assert inbox.take(100, NOW) == 2
    assert drawn.live_id is not None
    runner.advance(NOW)
    membership.take(100, NOW)
    assert set(Membership.objects.values_list("profile_id", flat=True)) == {one.pk, two.pk}
    calls(tracked("Signed Up", "u1"))
    erasure.erase(one, by=None, now=LATER)
    assert inbox.take(100, LATER) == 0
    membership.take(100, LATER)
    runner.advance(LATER + timedelta(days=2))
    states = {e.profile_id: e.state for e in Enrollment.objects.all()}
    assert states == {0: Enrollment.State.EXITED, two.pk: Enrollment.State.COMPLETED}
    assert set(StepRecord.objects.filter(profile_id=0).values_list("facts", flat=True)) == {None}
    assert list(Message.objects.values_list("profile_id", flat=True)) == [two.pk]
    assert list(Membership.objects.values_list("profile_id", flat=True)) == [two.pk]
    membership.tick(LATER)
    assert Segment.objects.get().size == 1


def test_export_holds_everything(marketer: User, client_as: As) -> None:
    person = ada()
    furnish(person, marketer)
    answer = client_as("marketer").get(f"/people/{person.pk}/export/")
    archive = zipfile.ZipFile(BytesIO(answer.content))
    read = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert read["person.json"][0]["attributes"]["email"] == "lovelace@x.example"
    assert {one["value"] for one in read["identities.json"]} >= {
        "lovelace-0",
        "lovelace-1",
        "lovelace@x.example",
        "visitor-lovelace",
    }
    assert len(read["events.json"]) == Event.objects.filter(profile=person).count()
    assert read["events.json"][-1]["properties"] is not None
    assert read["messages.json"][0]["content"] == {"subject": "Hi Lovelace"}
    assert read["notes.json"][0] == {
        "text": "Lovelace likes tea",
        "at": "2026-03-02T10:00:00Z",
        "edited_at": None,
        "written_by": "Marketer",
    }
    assert read["lists.json"][0]["list_name"] == "Fair"
    assert read["segments.json"][0]["segment_name"] == "VIP"
    assert [one["subscribed"] for one in read["consent_history.json"]] == [False]
    assert read["journeys.json"] == []
    assert client_as("analyst").get(f"/people/{person.pk}/export/").status_code == 403


def test_erasing_takes_an_admin_and_the_name(client_as: As) -> None:
    person = profile(first_name="Ada", last_name="Byron")
    url = f"/people/{person.pk}/erase/"
    assert client_as("marketer").post(url, {"name": "Ada Byron"}).status_code == 403
    admin = client_as("admin")
    assert "Type “Ada Byron” to go on" in admin.get(url).content.decode()
    assert admin.post(url, {"name": "Ada"}).status_code == 422
    assert Profile.objects.count() == 1
    assert admin.post(url, {"name": "Ada Byron"}).headers["Location"] == "/people/"
    assert Profile.objects.count() == 0
    assert admin.get(f"/people/{person.pk}/").status_code == 404


def test_the_api(api_key: str) -> None:
    person = profile(name="Ada")
    key = {"Authorization": f"Bearer {api_key}"}
    answer = Client().get(f"/api/profiles/{person.pk}/export/", headers=key)
    assert "person.json" in zipfile.ZipFile(BytesIO(answer.content)).namelist()
    assert Client().post(f"/api/profiles/{person.pk}/erase/", headers=key).status_code == 204
    assert Client().post(f"/api/profiles/{person.pk}/erase/", headers=key).status_code == 404
    assert Profile.objects.count() == Identity.objects.count() == 0
