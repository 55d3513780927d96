"""A reply that comes back from a gateway: on the message, the timeline, in conditions, reports and the API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from journeys.contracts.provider import Receipt
from journeys.delivery import receipts
from journeys.models import Message, Tally, Template
from journeys.providers.http_sms import HttpSms
from journeys.reports.dashboard import dashboard
from journeys.reports.period import Period
from profiles.models import Profile
from profiles.queries.timeline import timeline
from profiles.segments import ast, compiler, evaluate
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "now")]

As = Callable[[str], Client]
HOUR = timedelta(hours=1)


@pytest.fixture
def answered(now: datetime) -> Message:
    """Two text messages went out; one was answered, twice."""
    template = Template.objects.create(name="Ask", channel="sms", content={"body": "Coming?"})
    drawn = builders.journey(
        "start: entry_event(event='Signed Up') -> text\ntext: send(template=t) -> end\nend: exit()", t=template
    )
    assert drawn.live
    node = drawn.live.nodes.get(key="text").pk
    mine, other = (
        builders.message(
            builders.profile(first_name=name, phone="+4912345678"),
            template,
            state="sent",
            sent_at=now,
            journey_id=drawn.pk,
            version_id=drawn.live.pk,
            node_id=node,
        )
        for name in ("Ann", "Ben")
    )
    for metric, count in (("sent", 2), ("delivered", 1)):
        Tally.objects.create(
            journey_id=drawn.pk,
            version_id=drawn.live.pk,
            node_id=node,
            channel="sms",
            metric=metric,
            quarter=now,
            count=count,
        )
    told = [Receipt("delivered", now, message_id=other.pk)]
    told += [Receipt("replied", now + n * HOUR, message_id=mine.pk) for n in (1, 2)]
    assert receipts.record(told[1:], now + 2 * HOUR) == 2
    mine.refresh_from_db()
    return mine


def test_the_first_reply_is_kept_and_counted_and_each_is_an_event(answered: Message, now: datetime) -> None:
    assert (answered.replied_at, answered.delivered_at) == (now + HOUR, now + HOUR)
    assert dict(Tally.objects.filter(metric="replied").values_list("channel", "count")) == {"sms": 1}
    person = Profile.objects.get(pk=answered.profile_id)
    lines = [(one.title, one.strong) for one in timeline(person).entries]
    assert lines.count(("Replied to", "Ask")) == 2


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        ({}, "mine"),
        ({"did": False}, "other"),
        ({"within": {"amount": 1, "unit": "hours"}}, ""),
        ({"channel": "sms"}, "mine"),
    ],
)
def test_a_condition_asks_for_it(answered: Message, now: datetime, asked: dict[str, Any], who: str) -> None:
    condition = ast.parse({"type": "message", "what": "replied", **asked})
    people = list(Profile.objects.values_list("pk", flat=True))
    wanted = {"mine": {answered.profile_id}, "other": set(people) - {answered.profile_id}, "": set()}[who]
    at = now + 3 * HOUR
    assert set(compiler.ids(condition, at)) == wanted
    assert evaluate.matches([condition], people, at)[condition] == wanted


def test_reports_and_pages_know_it(answered: Message, now: datetime, client_as: As, api_key: str) -> None:
    read = dashboard(Period.last_days(7, now, ZoneInfo("UTC")), now)
    (row,) = read.channels
    assert (row.counts["replied"], row.rates["replied"]) == (1, 0.5)
    client = client_as("analyst")
    page = client.get("/reports/messages/?what=replied").content.decode()
    assert ("Ann" in page, "Ben" in page) == (True, False)
    assert "replied" in client.get(f"/people/{answered.profile_id}/").content.decode().lower()
    key = {"Authorization": f"Bearer {api_key}"}
    found = Client().get(f"/api/messages/{answered.pk}/", headers=key).json()
    assert found["replied_at"] == "2026-03-02T11:00:00Z"


def test_a_gateway_tells_of_it(now: datetime) -> None:
    fields = HttpSms.Settings.base_fields
    assert "replied" in str(fields["receipt_states"].help_text)
