"""What the kinds decide that wait for dates, segments and events, or part people many ways."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from journeys.contracts.outcomes import Advance, Outcome, Wait
from journeys.contracts.step import Attributes, Happened, Matches, Need, Step, Trigger, TriggerName, canonical
from journeys.models import Node, Template
from journeys.models.business_days import country_of, next_opening, regions
from journeys.registry import node_kinds
from profiles.models import Segment, Topic
from tests.conftest import NOW

DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
ZONE, RENEWS, COUNTRY = ("attribute", "timezone"), ("attribute", "renews"), ("attribute", "country")
DE = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
VIP = {"type": "attribute", "field": "plan", "op": "eq", "value": "vip"}
BIG = [{"field": "total", "op": "gt", "value": 50}]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make(kind: str, **config: Any) -> Any:
    return node_kinds()[kind](key="n1", **config)


NINE = utc("2026-03-02T08:00")  # in Berlin


def decide(node: Node, facts: dict[Need, Any], now: datetime = NOW, entered: datetime = NOW) -> Outcome:
    return node.run(Step(1, 1, "n1", 1, now, entered, entered, BERLIN, facts))


@pytest.mark.parametrize(
    ("config", "renews", "now", "expected"),
    [
        ({"offset": 7}, "2026-04-06", NOW, Wait(utc("2026-03-30T07:00"), (RENEWS, ZONE))),
        ({"offset": 7}, "2026-04-06", utc("2026-03-30T07:00"), Advance("reached", after=utc("2026-03-30T07:00"))),
        (
            {"offset": 1, "side": "after"},
            "2026-03-01",
            NOW,
            Advance("reached", after=NINE),
        ),  # nine o'clock today is over
        ({"offset": 1}, "2026-03-02", NOW, Advance("passed")),
        ({"offset": 0, "at": None}, "2026-03-02T11:00:00Z", NOW, Wait(utc("2026-03-02T11:00"), (RENEWS, ZONE))),
        ({"offset": 2, "offset_unit": "hours", "at": None}, "2026-03-02T11:00:00Z", NOW, Advance("passed")),
        ({"yearly": True}, "1990-03-01", NOW, Wait(utc("2027-03-01T08:00"), (RENEWS, ZONE))),
        ({}, None, NOW, Advance("missing")),
        ({}, "soon", NOW, Advance("missing")),
    ],
)
def test_wait_until(config: dict[str, Any], renews: Any, now: datetime, expected: Outcome) -> None:
    node = make("wait_until", attribute="renews", **config)
    assert decide(node, {Attributes(): {"renews": renews}}, now) == expected


def test_wait_until_reads_dates_inside_others() -> None:
    node = make("wait_until", attribute="contract.ends")
    assert decide(node, {Attributes(): {"contract": {"ends": "2026-03-02"}}}) == Advance("reached", after=NINE)
    assert node.listens_to() == (("attribute", "contract"), ZONE)


@pytest.mark.parametrize(
    ("side", "so", "after", "expected"),
    [
        ("in", True, timedelta(0), Advance("happened")),
        ("in", False, timedelta(0), Wait(NOW + DAY, (("entered", "5"),))),
        ("out", False, timedelta(0), Wait(NOW + DAY, (("exited", "5"),))),
        ("out", True, DAY, Advance("happened")),
        ("in", False, DAY, Advance("timed_out", after=NOW + DAY)),
    ],
)
def test_wait_segment(side: str, so: bool, after: timedelta, expected: Outcome) -> None:
    node = make("wait_segment", segment_id=5, side=side, amount=1)
    asked = Matches(canonical({"type": "segment", "segment": 5, "in": side == "in"}))
    assert node.needs() == (asked,)
    assert decide(node, {asked: so}, NOW + after) == expected


PAID, CALLED, REPLIED = Happened("Paid", canonical(BIG)), Happened("Called"), Happened("Message Replied")
SEVERAL = [{"port": "way_2", "event": "Paid", "where": BIG}, {"port": "way_1", "event": "Called", "where": []}]
HEARD = (("event", "Paid"), ("event", "Called"), ("event", "Message Replied"))


@pytest.mark.parametrize(
    ("happened", "after", "expected"),
    [
        ({}, timedelta(0), Wait(NOW + DAY, HEARD)),
        ({PAID: NOW + 2 * DAY}, 2 * DAY, Advance("timed_out", after=NOW + DAY)),
        ({PAID: NOW + DAY / 2}, DAY / 2, Advance("way_2", at=NOW + DAY / 2)),
        ({PAID: NOW + DAY / 2, CALLED: NOW + DAY / 4}, 3 * DAY, Advance("way_1", at=NOW + DAY / 4)),
        ({PAID: NOW + DAY, CALLED: NOW + DAY}, DAY, Advance("way_2", at=NOW + DAY)),  # the upper one
        ({REPLIED: NOW + DAY / 8, CALLED: NOW + DAY}, DAY, Advance("replied", at=NOW + DAY / 8)),
        ({}, DAY, Advance("timed_out", after=NOW + DAY)),
    ],
)
def test_wait_any(happened: dict[Need, datetime], after: timedelta, expected: Outcome) -> None:
    node = make("wait_any", events=SEVERAL, reply=True, amount=1)
    assert set(node.needs()) == {PAID, CALLED, REPLIED}
    assert decide(node, {PAID: None, CALLED: None, REPLIED: None, **happened}, NOW + after) == expected
    assert [port for port, _ in node.get_ports()] == ["way_2", "way_1", "replied", "timed_out"]


@pytest.mark.parametrize(
    ("since", "after", "at", "country", "expected"),
    [
        ("2026-03-02T07:00", 0, time(9), "DE", "2026-03-02T08:00"),  # Monday morning
        ("2026-03-02T10:00", 0, time(9), "DE", "2026-03-02T10:00"),  # it is open
        ("2026-03-06T23:30", 0, time(9), "DE", "2026-03-09T08:00"),  # Saturday where they live
        ("2026-04-02T10:00", 1, time(9), "DE", "2026-04-07T07:00"),  # over Easter, and the change of the clocks before
        ("2026-04-02T10:00", 1, time(9), "US", "2026-04-03T07:00"),  # Good Friday is none there
        ("2026-12-24T10:00", 3, time(9), "DE", "2026-12-30T08:00"),
        ("2026-03-07T10:00", 0, time(0), "", "2026-03-08T23:00"),  # Monday to Friday
        ("2026-10-09T10:00", 1, time(9), "CN", "2026-10-10T07:00"),  # a Saturday that makes up for a holiday
    ],
)
def test_business_days(since: str, after: int, at: time, country: str, expected: str) -> None:
    assert next_opening(utc(since), after, at, BERLIN, country) == utc(expected)


def test_regions_have_holidays_of_their_own() -> None:
    """The 6th of January 2026 is a Tuesday, and a holiday in Bavaria."""
    since = utc("2026-01-05T10:00")
    assert next_opening(since, 1, time(9), BERLIN, "DE", "BY") == utc("2026-01-07T08:00")
    assert next_opening(since, 1, time(9), BERLIN, "DE", "HH") == utc("2026-01-06T08:00")
    assert regions("DE")["BY"] == "Bayern"
    assert regions("XX") == {}


@pytest.mark.parametrize(("value", "code"), [("de", "DE"), (" DEU ", "DE"), ("Germany", ""), (49, ""), (None, "")])
def test_countries(value: Any, code: str) -> None:
    assert country_of(value) == code


@pytest.mark.parametrize(
    ("by_person", "country", "expected"),
    [
        (True, "US", "2026-01-06T08:00"),  # theirs
        (True, "Nowhere", "2026-01-07T08:00"),  # the node's, with its region
        (False, "US", "2026-01-07T08:00"),
    ],
)
def test_wait_business_day(by_person: bool, country: str, expected: str) -> None:
    node = make("wait_business_day", country="DE", region="BY", by_person=by_person, after=1)
    entered = utc("2026-01-05T10:00")
    known: dict[Need, Any] = {Attributes(): {"country": country}}
    heard = (ZONE, COUNTRY) if by_person else (ZONE,)
    assert decide(node, known, entered, entered) == Wait(utc(expected), heard)
    assert decide(node, known, utc(expected), entered) == Advance(after=utc(expected))


@pytest.mark.parametrize(
    ("answers", "port"),
    [((True, True), "way_3"), ((True, False), "way_3"), ((False, True), "way_1"), ((False, False), "else")],
)
def test_branch_takes_the_first_way_that_fits(answers: tuple[bool, bool], port: str) -> None:
    ways = [
        {"port": "way_3", "name": "VIP", "condition": VIP},
        {"port": "way_1", "name": "Germany", "condition": DE},
    ]
    node = make("many_ways", ways=ways)
    asked = (Matches(canonical(VIP)), Matches(canonical(DE)))
    assert node.needs() == asked
    assert decide(node, dict(zip(asked, answers, strict=True))) == Advance(port)
    assert node.get_ports() == (("way_3", "VIP"), ("way_1", "Germany"), ("else", "Everyone else"))


@pytest.mark.parametrize(
    ("name", "properties", "port"),
    [
        ("Bought", {"total": 80}, "way_1"),
        ("Bought", {"total": 20}, "way_2"),
        ("Called", {"total": 80}, "way_3"),
        ("Called", {}, "else"),
        ("", {}, "else"),  # nothing that happened brought them in
    ],
)
def test_by_trigger(name: str, properties: dict[str, Any], port: str) -> None:
    ways = [
        {"port": "way_1", "event": "Bought", "where": BIG},
        {"port": "way_2", "event": "Bought", "where": []},
        {"port": "way_3", "event": "", "where": BIG},
    ]
    node = make("by_trigger", ways=ways)
    assert decide(node, {Trigger(): properties, TriggerName(): name}) == Advance(port)
    labels = ["Bought where total is more than 50", "Bought", "total is more than 50", "Everyone else"]
    assert [label for _, label in node.get_ports()] == labels


@pytest.mark.parametrize(
    ("phone", "email", "port"),
    [(True, True, "phone"), (False, True, "email"), (True, False, "phone"), (False, False, "nobody")],
)
def test_reachable_prefers_in_order(phone: bool, email: bool, port: str) -> None:
    node = make("reachable", ways=["phone", "email"], topic=Topic(slug="news", name="News"))
    asked = [
        Matches(
            canonical(
                {
                    "type": "all",
                    "of": [
                        {"type": "reachable", "by": by},
                        {"type": "consent", "topic": "news", "channel": channel},
                    ],
                }
            )
        )
        for by, channel in (("phone", "sms"), ("email", "email"))
    ]
    assert list(node.needs()) == asked
    assert decide(node, dict(zip(asked, (phone, email), strict=True))) == Advance(port)


@pytest.mark.parametrize(
    ("ticked", "moved", "ways"),
    [
        ("phone&ways=email", "", ["phone", "email"]),
        ("email&ways=phone", "phone", ["phone", "email"]),
        ("email&ways=phone&ways=chat_id", "chat_id", ["email", "chat_id", "phone"]),
        ("email&ways=phone", "email", ["email", "phone"]),  # nothing stands before it
        ("email", "phone", ["email"]),  # not ticked any more
    ],
)
def test_the_order_of_ways_is_changed_by_moving_one_up(ticked: str, moved: str, ways: list[str]) -> None:
    form = make("reachable").Inspector(QueryDict(f"ways={ticked}&ways-{moved}-up=1"))
    assert form.fields["ways"].clean(form["ways"].data) == ways


def test_the_ways_that_are_taken_stand_first_and_all_but_the_first_can_be_moved() -> None:
    page = str(make("reachable").Inspector(initial={"ways": ["phone", "email"]})["ways"])
    assert re.findall(r'name="ways" value="(\w+)" id="\w+"( checked)?', page) == [
        ("phone", " checked"), ("email", " checked"), ("device_token", ""), ("chat_id", "")
    ]  # fmt: skip
    assert re.findall(r'name="ways-(\w+)-up"', page) == ["email"]


@pytest.mark.parametrize(
    ("config", "asked"),
    [
        ({}, {"type": "message", "what": "opened", "within": {"amount": 30, "unit": "days"}}),
        ({"did": "sent", "amount": 0}, {"type": "message", "what": "sent"}),
        (
            {"did": "clicked", "of": "template", "template_id": 4, "amount": 1, "unit": "weeks"},
            {"type": "message", "what": "clicked", "within": {"amount": 1, "unit": "weeks"}, "template": 4},
        ),
        ({"of": "template", "amount": 0}, {"type": "message", "what": "opened", "template": 0}),
    ],
)
def test_engaged(config: dict[str, Any], asked: dict[str, Any]) -> None:
    node = make("engaged", **config)
    assert node.needs() == (Matches(canonical(asked)),)
    assert [decide(node, {node.need: answer}) for answer in (True, False)] == [Advance("yes"), Advance("no")]


@pytest.mark.parametrize(
    ("kind", "config", "sentence"),
    [
        (
            "wait_until",
            {"attribute": "renewal_date", "offset": 7},
            "Until **7 days** before **renewal date**, at **9 a.m.** where they live",
        ),
        (
            "wait_until",
            {"attribute": "birthday", "yearly": True, "at": None},
            "Until **birthday**, every year",
        ),
        ("wait_segment", {"segment": Segment(name="VIPs")}, "Until they are in **VIPs**, at most **7 days**"),
        (
            "wait_any",
            {"events": SEVERAL, "reply": True},
            "Until they do **Paid** or **Called** or **reply**, at most **1 day**",
        ),
        (
            "wait_business_day",
            {"country": "DE", "by_person": False, "after": 2},
            "Until **2 business days** later, at **9 a.m.** in **Germany**",
        ),
        ("wait_business_day", {"country": "DE"}, "Until a business day, from **9 a.m.** where they live"),
        (
            "many_ways",
            {"ways": [{"port": "way_1", "name": "VIP", "condition": VIP}]},
            "**VIP**, or everyone else",
        ),
        (
            "by_trigger",
            {"ways": [{"port": "way_1", "event": "Bought", "where": BIG}]},
            "They came by **Bought where total is more than 50**, or by anything else",
        ),
        ("reachable", {}, "First by **e-mail**, else **phone**"),
        ("engaged", {"did": "sent"}, "Yes for people who **were sent** **any message** in the last **30 days**"),
        (
            "engaged",
            {"of": "template", "template": Template(name="Hello"), "amount": 0},
            "Yes for people who **opened** **“Hello”**",
        ),
    ],
)
def test_cards_read_as_sentences(kind: str, config: dict[str, Any], sentence: str) -> None:
    assert make(kind, **config).summary() == sentence


@pytest.mark.parametrize(
    ("kind", "config", "problems"),
    [
        ("wait_until", {}, ["Choose the date to wait for."]),
        ("wait_segment", {"amount": 0}, ["Choose the segment to wait for.", "Say how long to wait at most."]),
        (
            "wait_any",
            {"events": [{"port": "way_1", "event": "", "where": []}], "reply": True},
            ["Each way needs an event."],
        ),
        ("wait_business_day", {"by_person": False}, ["Choose the country whose holidays count."]),
        (
            "many_ways",
            {
                "ways": [
                    {"port": "way_1", "name": "VIP", "condition": {}},
                    {"port": "way_2", "name": "DE", "condition": DE},
                ]
            },
            ["Say who takes the way “VIP”."],
        ),
        (
            "by_trigger",
            {"ways": [{"port": "way_1", "event": "", "where": []}]},
            ["Say which event takes way 1, or what it has to say."],
        ),
        ("reachable", {"ways": []}, ["Choose how to reach people."]),
        ("engaged", {"of": "template"}, ["Choose the message to look at."]),
    ],
)
def test_problems_say_what_is_missing(kind: str, config: dict[str, Any], problems: list[str]) -> None:
    assert [one.text for one in make(kind, **config).problems()] == problems
