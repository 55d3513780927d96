"""Rules by which people leave a whole journey early: what they do, segments, their consent."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Journey, Message, StepRecord, Tally
from journeys.services import drafts, lifecycle
from journeys.services.build import SpecError
from journeys.validation import check
from profiles.models import Profile, Segment, Suppression, Topic
from profiles.services import changes, suppressions
from profiles.services.consent import Word, say
from profiles.services.usage import uses
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
WAITING = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> wait
    wait: delay(amount=3, unit="days") -> again
    again: send(template="Again")
"""


@pytest.fixture(autouse=True)
def _standing_clock(now: datetime) -> None:
    """Nobody looks at the machine's clock."""


def work(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass


def does(user: str, event: str, at: datetime, **properties: Any) -> Profile:
    builders.calls(builders.tracked(event, user, **properties), now=at)
    return Profile.objects.get(identities__kind="user_id", identities__value=user)


def ends() -> list[tuple[int, str, datetime | None]]:
    return list(Enrollment.objects.order_by("pk").values_list("state", "reason", "ended_at"))


def journey(*rules: dict[str, Any], drawing: str = WAITING, **given: Any) -> Journey:
    return builders.journey(drawing, settings={"exit_rules": list(rules)}, **given)


LARGE = [{"field": "total", "op": "gt", "value": 50}]


def test_an_event_takes_out_who_waits_and_nothing_more_is_sent() -> None:
    made = journey({"on": "event", "event": "Bought", "where": LARGE})
    does("ann", "Signed Up", NOW)
    does("ben", "Signed Up", NOW)
    work(NOW)
    does("ann", "Bought", NOW + MINUTE, total=80)
    does("ben", "Bought", NOW + MINUTE, total=20)
    work(NOW + MINUTE)
    assert ends() == [
        (Enrollment.State.EXITED, "Did “Bought”", NOW + MINUTE),
        (Enrollment.State.ACTIVE, "", None),
    ]
    work(NOW + timedelta(days=4))
    assert list(Message.objects.order_by("pk").values_list("enrollment_id", flat=True)) == [
        *Enrollment.objects.order_by("pk").values_list("pk", flat=True),
        Enrollment.objects.latest("pk").pk,
    ]
    assert list(Tally.objects.filter(metric="exited").values_list("journey_id", "count")) == [(made.pk, 1)]


def test_what_happened_before_somebody_came_in_or_brought_them_in_takes_nobody_out() -> None:
    journey({"on": "event", "event": "Signed Up"}, {"on": "event", "event": "Bought"})
    does("ann", "Bought", NOW)
    does("ann", "Signed Up", NOW + MINUTE)
    builders.calls({**builders.tracked("Bought", "ann"), "timestamp": (NOW - MINUTE).isoformat()}, now=NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    assert ends() == [(Enrollment.State.ACTIVE, "", None)]
    does("ann", "Signed Up", NOW + 3 * MINUTE)
    work(NOW + 3 * MINUTE)
    assert ends() == [(Enrollment.State.EXITED, "Did “Signed Up”", NOW + 3 * MINUTE)]


@pytest.mark.parametrize(
    ("on", "kind", "reason"),
    [("joins", "entered", "Joined the segment “Big”"), ("leaves", "exited", "Left the segment “Big”")],
)
def test_joining_or_leaving_a_segment_takes_out(on: str, kind: str, reason: str) -> None:
    segment = Segment.objects.create(name="Big", state=Segment.State.LIVE, built_at=NOW)
    journey({"on": on, "segment": segment.pk})
    ann = does("ann", "Signed Up", NOW)
    work(NOW)
    other = "exited" if kind == "entered" else "entered"
    changes.record([changes.NewChange(ann.pk, other, str(segment.pk))], NOW + MINUTE)
    work(NOW + MINUTE)
    assert ends() == [(Enrollment.State.ACTIVE, "", None)]
    changes.record([changes.NewChange(ann.pk, kind, str(segment.pk))], NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    assert ends() == [(Enrollment.State.EXITED, reason, NOW + 2 * MINUTE)]
    assert [use.name for use in uses([segment.pk])[segment.pk]] == ["Test"]


def test_who_came_in_by_joining_leaves_by_leaving() -> None:
    segment = Segment.objects.create(name="Big", state=Segment.State.LIVE, built_at=NOW)
    drawing = 'start: entry_segment(segment=seg) -> wait\nwait: delay(amount=3, unit="days")'
    journey(
        {"on": "joins", "segment": segment.pk}, {"on": "leaves", "segment": segment.pk}, drawing=drawing, seg=segment
    )
    ann = builders.profile()
    for minutes, kind in enumerate(["entered", "exited"]):
        changes.record([changes.NewChange(ann.pk, kind, str(segment.pk))], NOW + minutes * MINUTE)
        work(NOW + minutes * MINUTE)
    assert ends() == [(Enrollment.State.EXITED, "Left the segment “Big”", NOW + MINUTE)]


def test_withdrawn_consent_takes_out_of_journeys_of_that_topic() -> None:
    news, offers = Topic.objects.create(slug="news", name="News"), Topic.objects.create(slug="offers", name="Offers")
    builders.journey(WAITING, settings={"exit_rules": [{"on": "unsubscribes"}], "topic": "news"})
    ann = does("ann", "Signed Up", NOW)
    work(NOW)
    say([Word(ann.pk, news.pk, "email", True, "t"), Word(ann.pk, offers.pk, "email", False, "t")], NOW + MINUTE)
    work(NOW + MINUTE)
    assert ends() == [(Enrollment.State.ACTIVE, "", None)]
    say([Word(ann.pk, news.pk, "email", False, "t")], NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    assert ends() == [(Enrollment.State.EXITED, "Unsubscribed", NOW + 2 * MINUTE)]


@pytest.mark.parametrize("given", ["any", "everything"])
def test_unsubscribing_from_any_topic_or_from_every_one_takes_out(given: str) -> None:
    Topic.objects.all().delete()
    news, offers = Topic.objects.create(slug="news", name="News"), Topic.objects.create(slug="offers", name="Offers")
    Topic.objects.create(slug="never", name="Never asked for", default_subscribed=False)
    Topic.objects.create(slug="orders", name="Orders", transactional=True)
    journey({"on": "unsubscribes", "from": given})
    ann = does("ann", "Signed Up", NOW)
    does("ben", "Signed Up", NOW)
    work(NOW)
    for minutes, (topic, channel, yes) in enumerate(
        [(news, "email", True), (offers, "", False), (news, "email", False)]
    ):
        say([Word(ann.pk, topic.pk, channel, yes, "t")], NOW + minutes * MINUTE)
        work(NOW + minutes * MINUTE)
    out = {
        "any": (Enrollment.State.EXITED, "Unsubscribed", NOW + MINUTE),
        "everything": (Enrollment.State.EXITED, "Unsubscribed from everything", NOW + 2 * MINUTE),
    }
    assert ends() == [out[given], (Enrollment.State.ACTIVE, "", None)]


def test_no_to_everything_on_one_channel_is_not_spoken_for_by_another() -> None:
    Topic.objects.all().delete()
    news = Topic.objects.create(slug="news", name="News")
    journey({"on": "unsubscribes", "from": "everything"})
    ann = does("ann", "Signed Up", NOW)
    work(NOW)
    say([Word(ann.pk, news.pk, "", True, "t")], NOW)
    say([Word(ann.pk, news.pk, "sms", False, "t")], NOW + MINUTE)
    say([Word(ann.pk, news.pk, "sms", True, "t")], NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)  # both at once: what holds by then counts
    assert ends() == [(Enrollment.State.ACTIVE, "", None)]
    say([Word(ann.pk, news.pk, "sms", False, "t")], NOW + 3 * MINUTE)
    work(NOW + 3 * MINUTE)
    assert ends() == [(Enrollment.State.EXITED, "Unsubscribed from everything", NOW + 3 * MINUTE)]


def test_a_blocked_address_takes_out_and_a_released_one_does_not() -> None:
    journey({"on": "unsubscribes", "from": "everything"})
    builders.calls(builders.identify("ann", email="ann@shop.example"))
    does("ann", "Signed Up", NOW)
    does("ben", "Signed Up", NOW)
    work(NOW)
    suppressions.block(["ann@shop.example"], NOW + MINUTE)
    work(NOW + MINUTE)
    assert ends() == [
        (Enrollment.State.EXITED, "Their address was blocked", NOW + MINUTE),
        (Enrollment.State.ACTIVE, "", None),
    ]
    does("ann", "Signed Up", NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    suppressions.release(Suppression.objects.get(), NOW + 3 * MINUTE)
    work(NOW + 3 * MINUTE)
    assert ends()[-1] == (Enrollment.State.ACTIVE, "", None)


def test_people_inside_keep_the_rules_of_their_version() -> None:
    made = journey({"on": "event", "event": "Bought"})
    does("ann", "Signed Up", NOW)
    work(NOW)
    drafts.save_settings(made, {"exit_rules": []}, None)
    made.refresh_from_db()
    lifecycle.publish(made, None, NOW + MINUTE)
    does("ben", "Signed Up", NOW + MINUTE)
    does("ann", "Bought", NOW + 2 * MINUTE)
    does("ben", "Bought", NOW + 2 * MINUTE)
    work(NOW + 2 * MINUTE)
    assert [state for state, *_ in ends()] == [Enrollment.State.EXITED, Enrollment.State.ACTIVE]
    assert StepRecord.objects.filter(outcome="fail").count() == 0


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({}, "settings.exit_rules: Give a list of at most 40 rules."),
        ([{"on": "moon"}], "settings.exit_rules[0].on: There is no such rule."),
        ([{"on": "unsubscribes"}, {"on": "event"}], "settings.exit_rules[1].event: Choose the event."),
        ([{"on": "unsubscribes", "from": "x"}], "settings.exit_rules[0].from: topic, any, everything"),
        ([{"on": "joins", "segment": "x"}], "settings.exit_rules[0].segment: Choose the segment."),
    ],
)
def test_rules_that_cannot_be_understood_are_refused(rules: Any, said: str) -> None:
    with pytest.raises(SpecError) as refused:
        builders.journey(WAITING, settings={"exit_rules": rules})
    assert str(refused.value) == said
    assert not Journey.objects.exists()


def test_a_rule_of_a_segment_that_is_gone_is_said_before_publishing() -> None:
    made = builders.journey(WAITING, settings={"exit_rules": [{"on": "joins", "segment": 7}]}, publish=False)
    assert made.draft is not None
    assert [one.text for one in check(made.draft) if one.level == "error"] == [
        "The segment of a rule for leaving early is gone. See Settings."
    ]


def test_the_settings_page_shows_and_keeps_the_rules(client_as: Any) -> None:
    segment = Segment.objects.create(name="Big", state=Segment.State.LIVE, built_at=NOW)
    rules: list[dict[str, Any]] = [
        {"on": "event", "event": "Bought", "where": LARGE},
        {"on": "leaves", "segment": segment.pk},
        {"on": "unsubscribes", "from": "everything"},
    ]
    made = journey(*rules)
    client: Client = client_as("marketer")
    page = client.get(f"/journeys/{made.pk}/settings/")
    form = page.context["form"]
    assert form.initial["exit_leaves"] == [segment.pk]
    given = {
        "reentry": "after_end",
        "window": 7,
        "unit": 24,
        "goal_event": "",
        "goal_where": "",
        "exit_events-0-event": "Bought",
        "exit_events-0-where": '[{"field": "total", "op": "gt", "value": 50}]',
        "exit_leaves": [segment.pk],
        "exit_unsubscribes": "everything",
    }
    assert client.post(f"/journeys/{made.pk}/settings/", given).status_code == 302
    made.refresh_from_db()
    assert made.draft is not None
    assert made.draft.exit_rules == rules
    answer = client.post(f"/journeys/{made.pk}/settings/", {**given, "exit_events-0-event": ""})
    assert answer.status_code == 422
    assert "Choose the event that ends the journey for them." in answer.content.decode()
