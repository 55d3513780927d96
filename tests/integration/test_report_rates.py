"""A share is of what could have happened: nobody can know whether a text message was opened."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from journeys.models import Tally
from journeys.reports.dashboard import dashboard
from journeys.reports.period import Period
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn() -> Any:
    """100 e-mails and 300 text messages were delivered; 40 and 10 people opened and clicked, 2 unsubscribed."""
    made = builders.journey(
        """
        start: entry_event(event="Signed Up") -> mail
        mail: send(template="Welcome") -> text
        text: send(template=sms) -> done
        done: exit()
        """,
        sms=builders.template("Short", "sms"),
    )
    live = made.live
    assert live is not None
    told = {"sent": 100, "delivered": 100, "opened": 40, "clicked": 10, "unsubscribed": 2}
    for key, channel, counts in (("mail", "email", told), ("text", "sms", {"sent": 300, "delivered": 300})):
        for metric, count in counts.items():
            Tally.objects.create(
                journey_id=made.pk,
                version_id=live.pk,
                node_id=live.nodes.get(key=key).pk,
                channel=channel,
                metric=metric,
                quarter=NOW,
                count=count,
            )
    return made


def test_a_rate_leaves_out_channels_that_cannot_tell(drawn: Any) -> None:
    read = dashboard(Period.last_days(7, NOW, ZoneInfo("UTC")), NOW)
    figures: dict[str, Any] = {figure.key: (figure.count, figure.rate) for figure in read.figures}
    assert figures["delivered"] == (400, 1.0)
    assert (figures["opened"], figures["clicked"], figures["unsubscribed"]) == ((40, 0.4), (10, 0.1), (2, 0.02))
    (journey,) = read.journeys
    assert (journey.rates["opened"], journey.rates["clicked"], journey.rates["delivered"]) == (0.4, 0.1, 1)
    rates = {row.name: (row.rates["opened"], row.rates["clicked"], row.rates["unsubscribed"]) for row in read.channels}
    assert rates == {"E-mail": (0.4, 0.1, 0.02), "SMS": (None, None, None)}
    assert {row.name: row.rates["opened"] for row in read.templates} == {"Welcome": 0.4, "Short": None}


def test_the_page_says_of_how_many(drawn: Any, client_as: Any, now: Any) -> None:
    client: Client = client_as("analyst")
    page = client.get("/reports/").content.decode()
    assert page.count("Of 100 messages where it can be known") == 3
    Tally.objects.filter(channel="sms").delete()
    assert "where it can be known" not in client.get("/reports/").content.decode()
