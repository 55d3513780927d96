"""One person is led through a drawing by hand: a clock that moves as asked, answers that are chosen, nothing sent."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from journeys.models import Enrollment, Journey, Message, StepRecord
from journeys.queries.trial import Asked, Move, Walked, walk
from journeys.services import drafts
from profiles.models import Profile
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
GERMANS = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}


def drawn() -> Journey:
    return builders.journey(
        """
        start: entry_event(event="Signed Up", where=trial) -> who
        who: audience(condition=germans) yes -> mail, no -> out
        mail: send(template="Welcome") -> read
        read: opened(send_key="mail", amount=1, unit="days") opened -> wait, not_opened -> out
        wait: wait_event(event="Bought", amount=2, unit="days") happened -> out, timed_out -> again
        again: send(template="Reminder") -> out
        out: exit(reason="Done")
        """,
        publish=False,
        trial=[{"field": "plan", "op": "eq", "value": "trial"}],
        germans=GERMANS,
    )


def led(journey: Journey, person: Profile | None, *moves: Move) -> Walked:
    asked = Asked(person.pk if person else None, "start", NOW, {"plan": "trial"}, moves)
    return walk(drafts.current(journey), asked, NOW)


def way(walked: Walked) -> list[tuple[str, str, str]]:
    return [(line.node.key, line.way, line.why) for line in walked.lines]


def test_time_passes_and_things_happen_as_asked(now: datetime) -> None:
    journey, person = drawn(), builders.profile(country="DE")
    begun = led(journey, person)
    assert way(begun) == [
        ("start", "", ""),
        ("who", "Yes", "matched (have country DE: DE)"),
        ("mail", "a message was made", ""),
    ]
    assert begun.here is not None
    assert (begun.here.key, begun.due_at, begun.events) == ("read", NOW + DAY, [])
    opened = Move("react", 4, "mail", "opened")
    read = led(journey, person, opened)
    assert read.here is not None
    assert (read.here.key, read.now, read.events) == ("wait", NOW + timedelta(minutes=1), ["Bought"])
    late = led(journey, person, opened, Move("pass", 5))
    assert (late.here, late.ended, late.reason) == (None, "completed", "Done")
    assert [letter.node.key for letter in late.letters] == ["mail", "again"]
    assert late.now == NOW + timedelta(days=2, minutes=1)
    bought = led(journey, person, opened, Move("did", 5, "Bought"))
    assert [key for key, _way, _why in way(bought)] == ["start", "who", "mail", "read", "wait", "out"]
    assert [model.objects.count() for model in (Enrollment, StepRecord, Message)] == [0, 0, 0]


def test_answers_are_chosen(now: datetime) -> None:
    journey = drawn()
    nobody = led(journey, None)
    assert (way(nobody)[1], nobody.ended) == (("who", "No", "did not match (have country DE: not known)"), "completed")
    assert nobody.lines[1].others == [("yes", "Yes")]
    other = led(journey, None, Move("choose", 2, what="yes", early=True))
    assert other.here is not None
    assert (other.lines[1].way, other.lines[1].chosen, other.here.key) == ("Yes", True, "read")
    on = led(journey, None, Move("choose", 2, what="yes", early=True), Move("choose", 4, what="opened"))
    assert on.here is not None
    assert (on.here.key, on.now) == ("wait", NOW)


def test_the_page_leads_and_sends_only_to_the_address_it_is_given(
    now: datetime, client_as: Callable[[str], Client], valkey: Any
) -> None:
    journey, person = drawn(), builders.profile(country="DE", email="ada@shop.example", first_name="Ada")
    builders.account("sandbox")
    client, address = client_as("marketer"), f"/journeys/{journey.pk}/test/"
    assert "Lead one person through" in client.get(address).content.decode()
    begin = {"do": "begin", "person": person.pk, "entry": "start", "at": "2026-03-02T10:00", "details": "plan: trial"}
    page = client.post(address, begin).content.decode()
    assert "waits here" in page
    page = client.post(address, {"do": "choose", "what": "opened"}).content.decode()
    assert "Let time pass until Wed 4 Mar, 10:00" in page
    page = client.post(address, {"do": "choose", "visit": "2", "what": "no"}).content.decode()
    assert "chosen by you" in page
    assert "Messages they would have got" not in page
    client.post(address, {"do": "choose", "visit": "2", "what": "yes"})
    counts = client.get(f"/api/journeys/{journey.pk}/test/counts").json()["nodes"]
    assert (counts["who"]["ports"], counts["mail"]["sent"], counts["read"]["inside"]) == ({"yes": 1}, 1, 1)
    assert client.get(f"{address}messages/0/").status_code == 200
    assert client_as("analyst").post(f"{address}messages/0/send/", {"to": "me@shop.example"}).status_code == 403
    assert Message.objects.count() == 0
    sent = client.post(f"{address}messages/0/send/", {"to": "me@shop.example"})
    assert sent.headers["HX-Trigger"] == '{"toast": {"text": "Sent to me@shop.example.", "tone": "success"}}'
    message = Message.objects.get()
    assert (message.address, message.enrollment_id, message.state) == ("me@shop.example", None, "sent")
    assert "Lead one person through" in client.post(address, {"do": "end"}).content.decode()
