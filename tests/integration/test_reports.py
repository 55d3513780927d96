"""Reports on a few exact numbers: two periods, days of the workspace's zone, and nothing counted twice."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.models import Enrollment, Journey, Message, ProviderAccount, Tally, Template
from journeys.queries.graph import payload
from journeys.reports.attention import notices
from journeys.reports.dashboard import dashboard
from journeys.reports.funnel import funnel
from journeys.reports.period import Period
from journeys.reports.tables import as_csv, funnel_rows
from journeys.services.compact import compact_tallies
from journeys.tally import Bump, bump
from omnichannel.accounts.models import Workspace
from profiles.models import Segment
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
DRAWING = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> done
    done: exit()
"""


@pytest.fixture
def drawn() -> Journey:
    return builders.journey(DRAWING, name="Hello", settings={"goal_event": "Order Completed"})


def tally(journey: Journey, key: str, metric: str, at: datetime, count: int, channel: str = "") -> None:
    assert journey.live is not None
    node = journey.live.nodes.get(key=key)
    Tally.objects.create(
        journey_id=journey.pk,
        version_id=journey.live.pk,
        node_id=node.pk,
        metric=metric,
        quarter=at.replace(minute=0, second=0),
        count=count,
        channel=channel,
    )


def test_a_period_is_whole_days_of_its_zone() -> None:
    period = Period.parse({"days": "7"}, NOW, BERLIN)
    assert (period.first, period.last) == (date(2026, 2, 24), date(2026, 3, 2))
    assert period.start == datetime(2026, 2, 23, 23, tzinfo=UTC)
    assert period.end == datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert (period.before.first, period.before.last) == (date(2026, 2, 17), date(2026, 2, 23))
    assert period.span == "24 February – 2 March"


def test_a_period_with_a_change_of_clocks_has_days_of_23_hours() -> None:
    period = Period.parse({"from": "2026-03-29", "to": "2026-03-29"}, NOW, BERLIN)
    assert period.end - period.start == timedelta(hours=23)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ({}, date(2026, 2, 1), date(2026, 3, 2)),
        ({"days": "12"}, date(2026, 2, 1), date(2026, 3, 2)),
        ({"from": "2026-01-05", "to": "2026-01-01"}, date(2026, 1, 1), date(2026, 1, 5)),
        ({"from": "nonsense", "to": "2026-01-01"}, date(2026, 2, 1), date(2026, 3, 2)),
        ({"from": "1990-01-01", "to": "2026-03-02"}, date(2025, 3, 2), date(2026, 3, 2)),
    ],
)
def test_what_an_address_may_ask(asked: dict[str, str], first: date, last: date) -> None:
    period = Period.parse(asked, NOW, BERLIN)
    assert (period.first, period.last) == (first, last)


def test_the_dashboard_adds_up_two_periods(drawn: Journey) -> None:
    today, before = NOW, NOW - timedelta(days=8)
    for at, sent, opened, converted in ((today, 50, 20, 3), (today, 10, 4, 0), (before, 40, 12, 6)):
        tally(drawn, "start", "started", at, sent)
        tally(drawn, "mail", "sent", at, sent, "email")
        tally(drawn, "mail", "delivered", at, sent, "email")
        tally(drawn, "mail", "opened", at, opened, "email")
        tally(drawn, "start", "converted", at, converted)
    read = dashboard(Period.last_days(7, NOW, BERLIN), NOW)
    figures = {figure.key: figure for figure in read.figures}
    assert (figures["sent"].count, figures["sent"].change, figures["sent"].good) == (60, 50, True)
    assert (figures["opened"].count, figures["opened"].rate, figures["opened"].change) == (24, 0.4, 10)
    assert (figures["converted"].count, figures["converted"].change, figures["converted"].good) == (3, -50, False)
    assert (figures["unsubscribed"].rate, figures["unsubscribed"].good) == (0, None)
    (journey,) = read.journeys
    assert (journey.counts["started"], journey.rates["converted"], journey.earlier["sent"]) == (60, 0.05, 40)
    assert [(row.name, row.counts["sent"], row.sent_change) for row in read.channels] == [("E-mail", 60, 50)]
    assert [(row.name, row.counts["opened"]) for row in read.templates] == [("Welcome", 24)]
    assert read.chart["series"][0]["values"] == [0, 0, 0, 0, 0, 0, 60]
    assert read.chart["series"][3]["values"] == [0, 0, 0, 0, 0, 40, 0]
    assert read.chart["unfinished"] is True


def test_an_hour_before_midnight_utc_is_the_next_day_in_berlin_and_the_same_in_new_york(drawn: Journey) -> None:
    tally(drawn, "mail", "sent", datetime(2026, 2, 28, 23, tzinfo=UTC), 5, "email")
    for zone, day in (("Europe/Berlin", "1 Mar"), ("America/New_York", "28 Feb"), ("UTC", "28 Feb")):
        read = dashboard(Period.last_days(7, NOW, ZoneInfo(zone)), NOW)
        assert {label: counts["sent"] for label, counts in read.days if counts["sent"]} == {day: 5}


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("Asia/Kolkata", {"28 Feb": 3, "1 Mar": 4}),  # midnight is 18:30 in UTC
        ("Asia/Kathmandu", {"28 Feb": 1, "1 Mar": 6}),  # 18:15
        ("Australia/Adelaide", {"1 Mar": 7}),
        ("Europe/Berlin", {"28 Feb": 7}),
    ],
)
def test_days_begin_at_midnight_where_zones_are_off_the_full_hour(
    drawn: Journey, zone: str, days: dict[str, int]
) -> None:
    assert drawn.live is not None
    node = drawn.live.nodes.get(key="mail").pk
    for minute, second, sent in ((14, 59, 1), (15, 0, 2), (30, 0, 3), (59, 59, 1)):
        at = datetime(2026, 2, 28, 18, minute, second, tzinfo=UTC)
        bump([Bump(drawn.pk, drawn.live.pk, node, "sent", sent, "email")] * 2, at)
    compact_tallies(NOW)
    read = dashboard(Period.last_days(7, NOW, ZoneInfo(zone)), NOW)
    assert {label: counts["sent"] // 2 for label, counts in read.days if counts["sent"]} == days
    begin = Period(date(2026, 3, 1), date(2026, 3, 1), ZoneInfo(zone))
    rows = funnel(drawn, begin).nodes
    assert sum(row.counts["sent"] for row in rows) // 2 == days.get("1 Mar", 0)


def test_a_template_used_by_two_journeys_is_one_line(drawn: Journey) -> None:
    other = builders.journey(DRAWING, name="Again")
    tally(drawn, "mail", "sent", NOW, 3, "email")
    tally(other, "mail", "sent", NOW, 4, "email")
    read = dashboard(Period.last_days(7, NOW, BERLIN), NOW)
    assert [(row.name, row.counts["sent"]) for row in read.templates] == [("Welcome", 7)]
    assert [(row.name, row.counts["sent"]) for row in read.journeys] == [("Again", 4), ("Hello", 3)]


def test_the_number_of_statements_does_not_grow(drawn: Journey) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            dashboard(Period.last_days(30, NOW, BERLIN), NOW)
            notices(NOW)
        return len(asked)

    tally(drawn, "mail", "sent", NOW, 1, "email")
    tally(drawn, "start", "failed", NOW, 1)
    few = statements()
    for n in range(8):
        more = builders.journey(DRAWING, name=f"Journey {n}")
        for days in range(30):
            tally(more, "mail", "sent", NOW - timedelta(days=days), 1, "email")
        tally(more, "start", "failed", NOW, 1)
    assert statements() == few < 15


def passed(journey: Journey, n: int, at: datetime, **moments: Any) -> None:
    """Somebody in the journey, with one message of theirs."""
    assert journey.live is not None
    nodes = {node.key: node.pk for node in journey.live.nodes.all()}
    converted = moments.pop("converted_at", None)
    person = builders.profile(email=f"p{n}@shop.example")
    row = Enrollment.objects.create(
        journey_id=journey.pk,
        version_id=journey.live.pk,
        profile_id=person.pk,
        node_id=nodes["done"],
        state=2,
        entered_at=at,
        node_entered_at=at,
        converted_at=converted,
    )
    if moments.pop("messaged", True):
        template = builders.template("Welcome")
        builders.message(
            person,
            template,
            at,
            enrollment_id=row.pk,
            journey_id=journey.pk,
            version_id=journey.live.pk,
            node_id=nodes["mail"],
            state="sent",
            sent_at=at,
            delivered_at=at,
            **moments,
        )


def test_the_funnel_counts_people_and_how_far_they_came(drawn: Journey) -> None:
    passed(drawn, 1, NOW)
    passed(drawn, 2, NOW, opened_at=NOW)
    passed(drawn, 3, NOW, opened_at=NOW, clicked_at=NOW, converted_at=NOW)
    passed(drawn, 4, NOW, messaged=False)
    passed(drawn, 5, NOW - timedelta(days=9), opened_at=NOW)
    tally(drawn, "mail", "entered", NOW, 3)
    tally(drawn, "mail", "skipped:unsubscribed", NOW, 2, "email")
    read = funnel(drawn, Period.last_days(7, NOW, BERLIN))
    assert [(stage.key, stage.count) for stage in read.stages] == [
        ("entered", 4),
        ("sent", 3),
        ("opened", 2),
        ("clicked", 1),
        ("converted", 1),
    ]
    assert (read.stages[0].change, read.stages[2].change) == (300, -50)
    assert read.stages[4].label == "Order Completed"
    assert {row.node.key: row.counts["entered"] for row in read.nodes} == {"start": 0, "mail": 3, "done": 0}
    assert (read.skipped_total, read.skipped[0][0]) == (2, "Has unsubscribed from this topic")


def test_what_needs_a_look_says_so_and_where(drawn: Journey) -> None:
    assert notices(NOW) == []
    person = builders.profile(email="a@shop.example")
    welcome = builders.template("Welcome")
    for n, state, reason in ((1, "failed", "mailbox full"), (2, "failed", "mailbox full"), (3, "unknown", "")):
        builders.message(person, welcome, NOW, visit=n, state=state, reason=reason)
    builders.message(person, welcome, NOW - timedelta(hours=1), visit=4)
    Segment.objects.create(name="Odd", state="broken", error="It asks about a segment that no longer exists.")
    tally(drawn, "start", "failed", NOW, 1)
    down = {"kind": "smtp", "channel": "email", "error": "The server does not answer."}
    ProviderAccount.objects.create(name="Company mail", is_default=True, **down)
    ProviderAccount.objects.create(name="Spare", **down)  # carries nothing
    found = {notice.title: notice for notice in notices(NOW)}
    assert list(found) == [
        "Company mail does not take E-mail messages.",
        "2 E-mail messages failed.",
        "Segment “Odd” matches nobody.",
        "1 person could not go on in “Hello”.",
        "1 E-mail may not have left.",
        "1 E-mail waits.",
    ]
    assert found["2 E-mail messages failed."].text == "Mostly: mailbox full"
    assert found["2 E-mail messages failed."].url == "/reports/messages/?days=7&state=failed&channel=email"


def test_pages_and_files(drawn: Journey, client_as: Callable[[str], Client], now: datetime) -> None:
    Workspace.objects.filter(pk=1).update(timezone="Europe/Berlin")
    passed(drawn, 1, NOW, opened_at=NOW)
    tally(drawn, "mail", "sent", NOW, 1234, "email")
    tally(drawn, "start", "started", NOW, 1234)
    client = client_as("analyst")
    page = client.get("/reports/?days=7").content.decode()
    assert "1,234" in page
    assert f"/reports/messages/?days=7&amp;journey={drawn.pk}&amp;what=sent" in page
    listed = client.get("/reports/messages/?days=7&what=opened").content.decode()
    assert '<input type="hidden" name="days" value="7">' in listed  # filtering again keeps the days
    assert 'href="?days=90&amp;what=opened"' in listed  # and other days keep the filter
    assert "p1@shop.example" in listed
    assert "p1@shop.example" not in client.get("/reports/messages/?days=7&what=clicked").content.decode()
    rows = client.get("/reports/journeys.csv?days=7").content.decode().splitlines()
    assert rows[0].startswith("journey,started,completed")
    assert rows[1].startswith("Hello,1234,0,0,0,0,1234,0")
    assert client.get("/reports/secrets.csv").status_code == 404
    fragment = client.get(f"/journeys/{drawn.pk}/funnel/?days=7", headers={"HX-Request": "true"}).content.decode()
    assert 'value="1"' in fragment
    assert client.get(f"/journeys/{drawn.pk}/funnel/").url.endswith("/report/")  # type: ignore[attr-defined]
    steps = client.get(f"/journeys/{drawn.pk}/funnel.csv?days=7").content.decode()
    assert "Entered,1" in steps
    assert Client().get("/reports/").status_code == 302


def test_a_cell_is_never_a_formula() -> None:
    assert as_csv([["=1+1", "plain", "-3"]]) == "'=1+1,plain,'-3\r\n"


def test_older_messages_are_a_page_away(client_as: Callable[[str], Client], now: datetime) -> None:
    person, welcome = builders.profile(email="a@shop.example"), builders.template("Welcome")
    for n in range(51):
        builders.message(person, welcome, NOW, visit=n)
    first = client_as("analyst").get("/reports/messages/?days=7").content.decode()
    oldest = Message.objects.order_by("id")[1].pk
    assert f"before={oldest}" in first
    rest = client_as("analyst").get(f"/reports/messages/?days=7&before={oldest}").content.decode()
    assert rest.count(f'href="/people/{person.pk}/"') == 1


def test_nobody_reads_a_rate_of_opens_of_what_tells_none(client_as: Callable[[str], Client], now: datetime) -> None:
    """An SMS is sent and delivered; whether it was opened nobody knows, so nothing says 0 %."""
    text = Template.objects.create(name="Text", channel="sms", content={"body": "Hello"})
    drawn = builders.journey(
        "start: entry_event(event='Signed Up') -> text\ntext: send(template=text) -> done\ndone: exit()", text=text.pk
    )
    assert drawn.live is not None
    Enrollment.objects.create(
        journey_id=drawn.pk, version_id=drawn.live.pk, profile_id=builders.profile(email="a@x.example").pk, node_id=1,
        state=2, entered_at=now, node_entered_at=now,
    )  # fmt: skip
    builders.counted(drawn, now, text={"entered": 9, "sent": 9, "delivered": 8})
    read = funnel(drawn, Period.last_days(7, now, BERLIN))
    assert [stage.key for stage in read.stages] == ["entered", "sent", "converted"]
    (row,) = [row for row in read.nodes if row.node.key == "text"]
    assert (row.rates["delivered"], row.rates["opened"], row.rates["clicked"]) == (8 / 9, None, None)
    (line,) = [line for line in funnel_rows(read) if line and line[0] == "Text"]
    assert line == ["Text", "9", "0", "9", "8", "", "", "0"]
    cards = {card["key"]: card["untracked"] for card in payload(drawn.live)["nodes"]}
    assert cards == {"start": [], "text": ["opened", "clicked", "unsubscribed"], "done": []}
    table = client_as("analyst").get(f"/journeys/{drawn.pk}/funnel/", headers={"HX-Request": "true"}).content.decode()
    assert ("Opened" in table, "Clicked" in table, "Delivered" in table) == (False, False, True)
