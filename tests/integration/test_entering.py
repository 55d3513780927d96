"""People brought in by a program, and those who qualified before the journey went live."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Journey, Message
from journeys.services import lifecycle
from omnichannel.accounts.models import ApiKey
from omnichannel.jobs import work as jobs
from omnichannel.jobs.models import Job
from profiles.models import Event, Membership, Profile, Segment
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

GOLD = '[{"port": "way_1", "event": "", "where": [{"field": "plan", "op": "eq", "value": "gold"}]}]'
BY_PROGRAM = f"""
    start: entry_api() -> ask
    ask: by_trigger(ways={GOLD}) way_1 -> mail, else -> wait
    mail: send(template="Welcome") -> wait
    wait: delay(amount=1, unit="days")
"""
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def fresh(now: datetime) -> None:
    """Nobody has asked anything in the last minute."""
    cache.clear()


def program(role: str = "marketer") -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {ApiKey.issue('Tests', ApiKey.Kind.API, role=role)[1]}")
    return client


def enroll(journey: Journey, *people: dict[str, Any], role: str = "marketer") -> Any:
    return program(role).post(f"/api/journeys/{journey.pk}/enroll/", {"people": list(people)}, format="json")


def work(now: datetime = NOW) -> None:
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass


def work_jobs() -> None:
    while jobs.stint():
        pass


def known(user: str, **traits: Any) -> Profile:
    builders.calls(builders.identify(user, **traits))
    return Profile.objects.get(identities__kind="user_id", identities__value=user)


def inside() -> list[int]:
    return list(Enrollment.objects.filter(state=1).order_by("id").values_list("profile_id", flat=True))


# By a program


def test_a_program_brings_people_in_and_its_words_count() -> None:
    journey = builders.journey(BY_PROGRAM)
    first, second = known("u1", email="Anna@Shop.example"), known("u2")
    answer = enroll(
        journey,
        {"email": "anna@shop.example", "properties": {"plan": "gold", "order": 17.5}},
        {"profile": second.pk},
        {"user_id": "nobody"},
    )
    assert answer.status_code == 200, answer.data
    assert answer.data["enrolled"] == 2
    assert [one["profile"] for one in answer.data["people"]] == [first.pk, second.pk, None]
    assert [one["enrolled"] for one in answer.data["people"]] == [True, True, False]
    assert answer.data["people"][2]["reason"] == "We do not know this person."
    work()
    assert inside() == [first.pk, second.pk]
    assert list(Message.objects.values_list("profile_id", flat=True)) == [first.pk]
    asked = Event.objects.filter(name="Added To Journey").order_by("pk").values_list("profile_id", "properties")
    assert list(asked) == [(first.pk, {"plan": "gold", "order": 17.5}), (second.pk, {})]


def test_a_retry_brings_nobody_in_twice() -> None:
    """Also when the first passage is over, and where everybody may come every time."""
    journey = builders.journey(BY_PROGRAM, settings={"reentry": "always"})
    one = known("u1")
    asked = {"user_id": "u1", "key": "order-17"}
    assert enroll(journey, asked, asked).data["enrolled"] == 1
    work()
    work(NOW + DAY)
    again = enroll(journey, asked)
    assert (again.data["enrolled"], again.data["people"][0]["reason"]) == (0, "This was asked before.")
    assert enroll(journey, {"user_id": "u1", "key": "order-18"}).data["enrolled"] == 1
    assert Event.objects.filter(profile=one, name="Added To Journey").count() == 2


def test_the_rules_of_the_journey_count() -> None:
    journey = builders.journey(BY_PROGRAM, settings={"entry_key": "order"})
    one = known("u1")
    said = [{"user_id": "u1", "properties": {"order": n}} for n in (17, 18, 17)]
    answer = enroll(journey, *said)
    assert [each["enrolled"] for each in answer.data["people"]] == [True, True, False]
    assert "rules" in answer.data["people"][2]["reason"]
    assert inside() == [one.pk, one.pk]


@pytest.mark.parametrize(
    ("people", "status"),
    [
        ([], 400),
        ([{}], 400),
        ([{"user_id": "u1", "profile": 7}], 400),
        ([{"user_id": "u1", "properties": {"a": "\0"}}], 400),
        ([{"user_id": "u1", "properties": {"a": "x" * 40_000}}], 400),
        ([{"user_id": "u1"}] * 1_001, 400),
    ],
)
def test_what_cannot_be_understood_changes_nothing(people: list[dict[str, Any]], status: int) -> None:
    journey = builders.journey(BY_PROGRAM)
    known("u1")
    assert enroll(journey, *people).status_code == status
    assert inside() == []
    assert not Event.objects.filter(name="Added To Journey").exists()


def test_only_a_live_journey_with_that_entry_takes_people() -> None:
    known("u1")
    closed = builders.journey('start: entry_event(event="Ordered") -> w\nw: delay()')
    assert enroll(closed, {"user_id": "u1"}).status_code == 409
    paused = builders.journey(BY_PROGRAM)
    lifecycle.pause(paused, None, NOW)
    assert enroll(paused, {"user_id": "u1"}).status_code == 409
    lifecycle.resume(paused, None, NOW)
    assert enroll(paused, {"user_id": "u1"}, role="analyst").status_code == 403
    assert inside() == []


# Those who qualify already


def segment(*people: Profile, since: datetime = NOW - DAY, **fields: Any) -> Segment:
    made = Segment.objects.create(
        **{"name": "Readers", "state": "live", "built_at": NOW, "size": len(people), **fields}
    )
    Membership.objects.bulk_create(Membership(segment=made, profile=one, since=since) for one in people)
    return made


def ordered(person: Profile, at: datetime, total: int) -> Event:
    return builders.event(person, "Ordered", at, total=total)


def test_who_is_in_the_segment_or_did_it_lately_comes_in_once() -> None:
    member, both, buyer, small, late = (builders.profile() for _ in range(5))
    who = segment(member, both)
    for person, days, total in ((both, 2, 80), (buyer, 9, 60), (buyer, 3, 70), (small, 3, 5), (late, 20, 90)):
        ordered(person, NOW - days * DAY, total)
    newest = Event.objects.filter(profile=buyer).latest("occurred_at")
    made = builders.journey(
        """
        joined: entry_segment(segment=who) -> w
        bought: entry_event(event="Ordered", where=[{"field": "total", "op": "gt", "value": 50}]) -> w
        w: delay(amount=9)
        """,
        publish=False,
        who=who,
    )
    lifecycle.publish(made, None, NOW, existing_days=14)
    work_jobs()
    assert inside() == [member.pk, both.pk, buyer.pk]
    assert Enrollment.objects.get(profile_id=buyer.pk).trigger_event_id == newest.pk
    job = Job.objects.get()
    assert (job.state, job.done, job.result) == ("done", 4, {"came": 3})
    answer = program().post(f"/api/journeys/{made.pk}/add-existing/", {"days": 14})
    assert answer.status_code == 202
    work_jobs()
    assert inside() == [member.pk, both.pk, buyer.pk]


def test_side_by_side_each_order_comes_in() -> None:
    buyer = builders.profile()
    for n, days in ((17, 3), (18, 2), (17, 1)):
        builders.event(buyer, "Ordered", NOW - days * DAY, order=n)
    builders.journey(
        'start: entry_event(event="Ordered") -> w\nw: delay(amount=9)', settings={"entry_key": "order"}, publish=False
    )
    lifecycle.publish(Journey.objects.get(), None, NOW, existing_days=30)
    work_jobs()
    assert list(Enrollment.objects.order_by("id").values_list("entry_key", flat=True)) == ["17", "18"]


def test_whom_the_live_journey_hears_of_is_left_to_it() -> None:
    """Who joined after it went live comes in by themselves; the job does not bring them in once more."""
    person = builders.profile()
    who = segment(person, since=NOW + timedelta(seconds=1))
    made = builders.journey("start: entry_segment(segment=who) -> w\nw: delay()", publish=False, who=who)
    lifecycle.publish(made, None, NOW, existing_days=30)
    work_jobs()
    assert inside() == []


def test_a_segment_that_is_still_counted_is_waited_for() -> None:
    who = segment(state="building", built_at=None)
    made = builders.journey("start: entry_segment(segment=who) -> w\nw: delay()", publish=False, who=who)
    with pytest.raises(lifecycle.LifecycleError, match="still being counted"):
        lifecycle.publish(made, None, NOW, existing_days=30)
    made.refresh_from_db()
    assert (made.state, Job.objects.count()) == ("draft", 0)


def test_the_dialog_asks_and_does_it(client_as: Callable[[str], Client]) -> None:
    people = [builders.profile() for _ in range(3)]
    who = segment(*people)
    made = builders.journey("start: entry_segment(segment=who) -> w\nw: delay()", publish=False, who=who)
    client = client_as("marketer")
    page = client.get(f"/journeys/{made.pk}/publish/").content.decode()
    assert "Also add the people who qualify already" in page
    assert "3 people are in Readers now." in page
    assert client.post(f"/journeys/{made.pk}/publish/", {"existing": "1"}).status_code == 200
    work_jobs()
    assert inside() == [one.pk for one in people]


def test_they_are_added_later_by_whoever_may(client_as: Callable[[str], Client]) -> None:
    inside_before, *others = [builders.profile() for _ in range(3)]
    who = segment(inside_before, *others)
    made = builders.journey("start: entry_segment(segment=who) -> w\nw: delay(amount=9)", who=who)
    assert made.live is not None
    url = f"/journeys/{made.pk}/newcomers/"
    assert client_as("analyst").get(url).status_code == client_as("analyst").post(url).status_code == 403
    client = client_as("marketer")
    assert url in client.get(f"/journeys/{made.pk}/people/").content.decode()
    Enrollment.objects.create(
        profile_id=inside_before.pk,
        journey_id=made.pk,
        version_id=made.live.pk,
        node_id=made.live.nodes.get(key="w").pk,
        entered_at=NOW,
        node_entered_at=NOW,
    )
    page = client.get(url).content.decode()
    assert "<b>3</b> people qualified before the journey went live as it is." in page
    assert "<b>2</b> of them have never been in the journey." in page
    assert "Add 3 people" in page
    answer = client.post(url)
    job = Job.objects.get()
    assert job.by is not None
    assert (answer["HX-Redirect"], job.by.email) == (f"/jobs/{job.pk}/", "marketer@shop.example")
    again = client.post(url).content.decode()
    assert "They are being added already." in again
    assert program().post(f"/api/journeys/{made.pk}/add-existing/").status_code == 409
    assert Job.objects.count() == 1
    work_jobs()
    assert sorted(inside()) == sorted(one.pk for one in (inside_before, *others))
    lifecycle.pause(made, None, NOW)
    assert "The journey is not live." in client.post(url).content.decode()
    assert Job.objects.count() == 1
