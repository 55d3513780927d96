"""What changes for everybody at once, or comes from journeys, reaches the segments that ask about it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from journeys.conditions.message import AboutMessages
from journeys.contracts.provider import Receipt
from journeys.delivery import outbox, receipts
from journeys.engine import inbox, runner
from journeys.models import Message, Template
from journeys.services import lifecycle, templates
from profiles.ingest import TrackRow, track
from profiles.models import Membership, Profile, Segment, Suppression, Topic
from profiles.segments import membership
from profiles.services import consent, segments, suppressions, topics
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


def segment(condition: dict[str, Any], now: datetime) -> Segment:
    made = segments.create("Asked", condition)
    segments.build_all(now)
    return made


def members(made: Segment, now: datetime) -> set[int]:
    while membership.take(1000, now):
        pass
    segments.build_all(now)
    return set(Membership.objects.filter(segment=made).values_list("profile_id", flat=True))


def test_consent_and_the_default_of_its_topic(now: datetime) -> None:
    ada, bob = builders.profile(email="ada@x.example"), builders.profile(email="bob@x.example")
    topic = topics.create(Topic(name="News", default_subscribed=False))
    made = segment({"type": "consent", "topic": topic.slug, "channel": "email", "subscribed": True}, now)
    assert members(made, now) == set()
    consent.say([consent.Word(ada.pk, topic.pk, "", True, "test")], now)
    assert members(made, now) == {ada.pk}
    topic.default_subscribed = True
    topics.change(topic)
    assert members(made, now) == {ada.pk, bob.pk}
    topics.delete(topic)
    assert members(made, now) == set()
    made.refresh_from_db()
    assert (made.state, made.error) == ("broken", "It asks about a topic that no longer exists.")


def test_an_address_is_blocked_and_released(now: datetime) -> None:
    ada, bob = builders.profile(email="Ada@x.example "), builders.profile(email="bob@x.example")
    made = segment({"type": "reachable", "by": "email", "reachable": True}, now)
    assert members(made, now) == {ada.pk, bob.pk}
    assert suppressions.block(["ada@x.example", "nobody@x.example"], now) == 2
    assert members(made, now) == {bob.pk}
    suppressions.release(Suppression.objects.get(address="ada@x.example"), now)
    assert members(made, now) == {ada.pk, bob.pk}


def test_what_happens_to_messages_and_in_journeys(now: datetime) -> None:
    builders.account("sandbox")
    journey = builders.journey("""
        start: entry_event(event="Signed Up") -> mail
        mail: send(template="Welcome") -> rest
        rest: delay(amount=2, unit="days") -> end
        end: exit()
    """)
    ada = builders.profile(email="ada@x.example")
    day = {"amount": 1, "unit": "days"}
    template = Template.objects.get(name="Welcome")
    sent = segment({"type": "message", "what": "sent", "template": template.pk, "within": day}, now)
    unread = segment({"type": "message", "what": "not_opened"}, now)
    inside = segment({"type": "journey", "journey": journey.pk, "state": "inside"}, now)
    passed = segment({"type": "journey", "journey": journey.pk, "state": "passed", "within": day}, now)
    never = segment({"type": "journey", "journey": journey.pk, "state": "never"}, now)
    every = (sent, unread, inside, passed, never)

    def standing(at: datetime) -> list[bool]:
        membership.tick(at)
        return [ada.pk in members(one, at) for one in every]

    def engine(at: datetime) -> None:
        while inbox.take(100, at) + runner.advance(at) + outbox.send_due(at):
            pass

    assert standing(now) == [False, False, False, False, True]
    track([TrackRow(ada.pk, "Signed Up", {}, now, uuid.uuid4())], now)
    engine(now)
    assert standing(now) == [True, True, True, False, False]
    receipts.record([Receipt("opened", now, message_id=Message.objects.get().pk)], now)
    assert standing(now) == [True, False, True, False, False]
    assert standing(now + timedelta(days=1)) == [False, False, True, False, False]
    engine(now + timedelta(days=2))
    assert standing(now + timedelta(days=2)) == [False, False, False, True, False]
    assert standing(now + timedelta(days=3)) == [False, False, False, False, False]


def test_archiving_a_journey_and_deleting_a_template(now: datetime) -> None:
    journey = builders.journey("""
        start: entry_event(event="Signed Up") -> rest
        rest: delay(amount=2, unit="days") -> end
        end: exit()
    """)
    ada = builders.profile()
    template = builders.email_template("Lonely")
    inside = segment({"type": "journey", "journey": journey.pk, "state": "inside"}, now)
    unsent = segment(AboutMessages("sent", did=False, template=template.pk).dump(), now)
    track([TrackRow(ada.pk, "Signed Up", {}, now, uuid.uuid4())], now)
    while inbox.take(100, now) + runner.advance(now):
        pass
    assert (members(inside, now), members(unsent, now)) == ({ada.pk}, {ada.pk})
    lifecycle.archive(journey, None, now)
    templates.delete(template)
    assert (members(inside, now), members(unsent, now)) == (set(), set())
    unsent.refresh_from_db()
    assert unsent.error == "It asks about a template that no longer exists."


def test_known_by_what_and_a_random_share(now: datetime) -> None:
    builders.calls(builders.tracked("Page Viewed", anonymous_id="anon-1"))
    by_user = segment({"type": "identity", "kind": "user_id", "has": True}, now)
    share = segment({"type": "bucket", "from": 0, "to": 100}, now)
    visitor = Profile.objects.get()
    assert (members(by_user, now), members(share, now)) == (set(), {visitor.pk})
    builders.calls(builders.identify("ada", "anon-1"), builders.identify("bob"))
    bob = Profile.objects.exclude(pk=visitor.pk).get()
    assert (members(by_user, now), members(share, now)) == ({visitor.pk, bob.pk}, {visitor.pk, bob.pk})
