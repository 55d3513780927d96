"""Changes of many people at once: how many, what is done, taking it back, who may."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from omnichannel.accounts.models import User
from omnichannel.jobs import work
from omnichannel.jobs.models import Job, StoredFile
from profiles.bulk import change, deeds, who
from profiles.ingest import update_attributes
from profiles.models import AttributeChange, Consent, ListEntry, PeopleList, Profile, Topic
from profiles.services import lists
from profiles.services.consent import Word, say
from tests import builders

pytestmark = pytest.mark.django_db
EVERYBODY = {"everybody": True}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch, valkey: Any) -> None:
    monkeypatch.setattr(change, "AT_ONCE", 2)


@pytest.fixture
def people(now: datetime) -> list[Profile]:
    """Gold, silver, nothing, the text "5" where others have numbers."""
    return [
        builders.profile(now, plan="gold"),
        builders.profile(now, plan="silver"),
        builders.profile(now),
        builders.profile(now, plan="5"),
    ]


def finish(job: Job) -> Job:
    while work.stint():
        pass
    job.refresh_from_db()
    return job


def do(deed: deeds.Deed, by: User, now: datetime) -> Job:
    asked = who.read(EVERYBODY)
    whom = deed.whom(who.found(asked, now)).count()
    job = finish(change.start(asked, deed, by=by, now=now))
    assert (job.state, job.error, job.result["changed"]) == ("done", "", whom)
    return job


def take_back(job: Job, by: User, now: datetime) -> Job:
    back = finish(change.start_back(job, by=by, now=now))
    assert (back.state, back.error) == ("done", "")
    return back


def plans() -> list[Any]:
    return [one.attributes.get("plan") for one in Profile.objects.order_by("id")]


def test_an_attribute_is_set_and_taken_back(people: list[Profile], marketer: User, now: datetime) -> None:
    job = do(deeds.Attribute("plan", "gold"), marketer, now)
    assert (job.title, job.done, job.result["changed"]) == ("Set plan to gold: Everybody", 4, 3)
    assert change.told(job) == "3 people were changed. 1 stays as it was."
    assert plans() == ["gold"] * 4
    told = AttributeChange.objects.filter(source=f"job:{job.pk}").values_list("profile", flat=True)
    assert set(told) == {one.pk for one in people[1:]}
    update_attributes({people[1].pk: {"plan": "platinum"}}, now, "user:1")
    back = take_back(job, marketer, now)
    assert plans() == ["gold", "platinum", None, "5"]
    assert (back.title, back.done, back.result) == ("Taken back: Set plan to gold: Everybody", 3, {"changed": 2})
    with pytest.raises(change.ChangeError, match="taken back already"):
        change.start_back(job, by=marketer, now=now)


def test_a_number_is_not_the_text_of_it(people: list[Profile], marketer: User, now: datetime) -> None:
    job = do(deeds.Attribute("plan", 5), marketer, now)
    assert (job.result["changed"], plans()) == (4, [5] * 4)
    assert do(deeds.Attribute("plan", 5), marketer, now).result["changed"] == 0
    assert StoredFile.objects.count() == 1  # nothing was changed, so there is nothing to take back
    take_back(job, marketer, now)
    assert plans() == ["gold", "silver", None, "5"]


def test_an_attribute_is_removed(people: list[Profile], marketer: User, now: datetime) -> None:
    job = do(deeds.Attribute("plan", None), marketer, now)
    assert (job.result["changed"], plans()) == (3, [None] * 4)
    assert all("plan" not in one.attributes for one in Profile.objects.all())
    take_back(job, marketer, now)
    assert plans() == ["gold", "silver", None, "5"]
    assert "plan" not in Profile.objects.get(pk=people[2].pk).attributes


def answers() -> dict[int, bool]:
    return dict(Consent.objects.filter(channel="").values_list("profile_id", "subscribed"))


@pytest.mark.parametrize("default", [True, False])
def test_who_said_no_stays_unsubscribed(people: list[Profile], marketer: User, now: datetime, default: bool) -> None:
    yes, no, silent, other = (one.pk for one in people)
    topic = Topic.objects.create(slug="news", name="News", default_subscribed=default)
    say([Word(yes, topic.pk, "", True, "t"), Word(no, topic.pk, "", False, "t")], now - timedelta(days=1))
    job = do(deeds.Subscription(topic.pk, True), marketer, now)
    assert job.title == "Subscribe to “News”: Everybody"
    assert answers() == {yes: True, no: False, silent: True, other: True}
    say([Word(other, topic.pk, "", False, "preference page")], now)
    take_back(job, marketer, now)
    assert answers() == {yes: True, no: False, silent: default, other: False}


def test_unsubscribing_and_taking_it_back(people: list[Profile], marketer: User, now: datetime) -> None:
    yes, no, silent, other = (one.pk for one in people)
    topic = Topic.objects.create(slug="news", name="News", default_subscribed=False)
    say([Word(yes, topic.pk, "", True, "t"), Word(no, topic.pk, "", False, "t")], now - timedelta(days=1))
    job = do(deeds.Subscription(topic.pk, False), marketer, now)
    assert (job.result["changed"], answers()) == (3, dict.fromkeys((yes, no, silent, other), False))
    assert take_back(job, marketer, now).result == {"changed": 1}
    assert answers() == {yes: True, no: False, silent: False, other: False}


def test_on_a_list_and_off_it(people: list[Profile], marketer: User, now: datetime) -> None:
    fair = PeopleList.objects.create(name="Fair", created_at=now)
    lists.add(fair, [people[0].pk], now, "t")

    def on() -> set[int]:
        return set(ListEntry.objects.values_list("profile_id", flat=True))

    everybody = {one.pk for one in people}
    added = do(deeds.Listing(fair.pk, True), marketer, now)
    assert (added.title, added.result["changed"], on()) == ("Add to the list “Fair”: Everybody", 3, everybody)
    assert take_back(added, marketer, now).result == {"changed": 3}
    assert on() == {people[0].pk}
    off = do(deeds.Listing(fair.pk, False), marketer, now)
    assert (off.result["changed"], on()) == (1, set())
    take_back(off, marketer, now)
    assert on() == {people[0].pk}


def test_what_is_gone_meanwhile_fails_in_words(people: list[Profile], marketer: User, now: datetime) -> None:
    fair = PeopleList.objects.create(name="Fair", created_at=now)
    job = change.start(who.read(EVERYBODY), deeds.Listing(fair.pk, True), by=marketer, now=now)
    fair.delete()
    finish(job)
    assert (job.state, job.error, job.result["changed"]) == ("failed", "This list was deleted.", 0)
    with pytest.raises(change.ChangeError):
        change.start_back(job, by=marketer, now=now)


def test_what_was_done_before_a_stop_can_be_taken_back(people: list[Profile], marketer: User, now: datetime) -> None:
    job = change.start(who.read(EVERYBODY), deeds.Attribute("plan", "x"), by=marketer, now=now)
    for _n in range(2):
        work.chunk(job.pk, now)
    work.stop(job)
    finish(job)
    assert (job.state, plans()) == ("stopped", ["x", "x", None, "5"])
    take_back(job, marketer, now)
    assert plans() == ["gold", "silver", None, "5"]


def test_nothing_is_taken_back_after_a_week(people: list[Profile], marketer: User, now: datetime) -> None:
    job = do(deeds.Attribute("plan", "x"), marketer, now)
    work.tidy(now + timedelta(days=7))
    with pytest.raises(change.ChangeError, match="kept for 7 days"):
        change.start_back(job, by=marketer, now=now)


def test_by_clicks_first_the_number_then_the_change_then_back(
    people: list[Profile], client_as: Callable[[str], Client], now: datetime
) -> None:
    browser, address = client_as("marketer"), f"/people/change/?ids={people[0].pk}&ids={people[1].pk}"
    page = browser.get(address).content.decode()
    assert "2 chosen people" in page
    given = {"do": "set", "name": "Plan", "type": "text", "value": "gold"}
    seen = " ".join(browser.post(address, given).content.decode().split())
    for text in ("Set plan to gold", "It changes <strong>1</strong> person.", 'name="name" value="Plan"'):
        assert text in seen, text
    assert (Job.objects.count(), plans()) == (0, ["gold", "silver", None, "5"])
    started = browser.post(address, {**given, "sure": "yes"})
    job = Job.objects.get()
    assert started["Location"] == f"/jobs/{job.pk}/"
    finish(job)
    assert plans() == ["gold", "gold", None, "5"]
    page = browser.get(f"/jobs/{job.pk}/").content.decode()
    for text in ("1 person was changed. 1 stays as it was.", f"/people/change/{job.pk}/back/"):
        assert text in page, text
    assert client_as("analyst").post(f"/people/change/{job.pk}/back/").status_code == 403
    back = browser.post(f"/people/change/{job.pk}/back/")
    finish(Job.objects.latest("id"))
    assert (back["Location"], plans()) == (f"/jobs/{Job.objects.latest('id').pk}/", ["gold", "silver", None, "5"])
    again = browser.post(f"/people/change/{job.pk}/back/", follow=True).content.decode()
    assert "This is taken back already." in again
    assert Job.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"do": "set", "name": "", "value": "x"}, "This field is required."),
        ({"do": "set", "name": "plan", "type": "number", "value": "x"}, "A number looks like 42 or 3.5."),
        ({"do": "set", "name": "email", "type": "text", "value": "a@b.example"}, "Everybody has their own."),
        ({"do": "remove", "name": "!"}, "A name needs at least one letter or digit."),
        ({"do": "subscribe"}, "Choose a topic."),
        ({"do": "add", "list": "99"}, "Select a valid choice."),
        ({"do": "erase"}, ""),
    ],
)
def test_what_cannot_be_is_told_and_nothing_happens(
    given: dict[str, str], told: str, people: list[Profile], client_as: Callable[[str], Client]
) -> None:
    answer = client_as("marketer").post("/people/change/", {"type": "text", "sure": "yes", **given})
    assert (answer.status_code, Job.objects.count()) == (422, 0)
    assert told in answer.content.decode()


def test_the_number_of_statements_does_not_follow_the_people(
    people: list[Profile], marketer: User, now: datetime, django_assert_max_num_queries: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(change, "AT_ONCE", 500)
    for n in range(100):
        builders.profile(now, plan=f"P{n}")
    job = change.start(who.read(EVERYBODY), deeds.Attribute("plan", "x"), by=marketer, now=now)
    work.chunk(job.pk, now)
    with django_assert_max_num_queries(40):
        assert not work.chunk(job.pk, now)
    assert set(plans()) == {"x"}
