"""What each kind decides, case by case."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journeys.contracts.outcomes import Advance, Effect, Exit, Fail, Outcome, Send, UpdateAttributes, Wait
from journeys.contracts.step import EngagementFact, Step
from journeys.models import Node, Template
from journeys.registry import node_kinds
from tests.conftest import NOW

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
OPEN, CLICK = ("event", "Message Opened"), ("event", "Message Clicked")


def make(kind: str, **config: Any) -> Node:
    return node_kinds()[kind](key="n1", **config)


def decide(node: Node, fact: Any = None, after: timedelta = timedelta(0), profile: int = 1, **more: Any) -> Outcome:
    facts = dict.fromkeys(node.needs(), fact)
    step = Step(1, profile, "n1", 1, more.get("now", NOW + after), NOW, NOW, more.get("zone", ZoneInfo("UTC")), facts)
    return node.run(step)


@pytest.mark.parametrize(
    ("unit", "length"),
    [("minutes", MINUTE), ("hours", 60 * MINUTE), ("days", DAY), ("weeks", 7 * DAY)],
)
def test_delay(unit: str, length: timedelta) -> None:
    node = make("delay", amount=3, unit=unit)
    assert decide(node) == Wait(NOW + 3 * length)
    assert decide(node, after=3 * length - MINUTE / 60) == Wait(NOW + 3 * length)
    assert decide(node, after=3 * length) == Advance(after=NOW + 3 * length)


SENT = EngagementFact("sent", NOW + 10 * MINUTE)
OPENED = EngagementFact("sent", NOW, NOW + 5 * MINUTE)
CLICKED = EngagementFact("sent", NOW, None, NOW + 5 * MINUTE)
LATE = EngagementFact("sent", NOW, NOW + DAY + MINUTE)


@pytest.mark.parametrize(
    ("counts", "message", "after", "expected"),
    [
        ("opened", None, timedelta(0), Advance("not_opened")),
        ("opened", EngagementFact("skipped"), timedelta(0), Advance("not_opened")),
        ("opened", EngagementFact("failed"), timedelta(0), Advance("not_opened")),
        ("opened", OPENED, 6 * MINUTE, Advance("opened", NOW + 5 * MINUTE)),
        ("opened", OPENED, 9 * DAY, Advance("opened", NOW + 5 * MINUTE)),
        ("opened", CLICKED, 6 * MINUTE, Advance("opened", NOW + 5 * MINUTE)),
        ("clicked", CLICKED, 6 * MINUTE, Advance("opened", NOW + 5 * MINUTE)),
        ("clicked", OPENED, 6 * MINUTE, Wait(NOW + DAY, (CLICK,))),
        ("clicked", OPENED, DAY, Advance("not_opened", after=NOW + DAY)),
        ("opened", LATE, DAY + 2 * MINUTE, Advance("not_opened", after=NOW + DAY)),
        ("opened", SENT, 10 * MINUTE, Wait(NOW + DAY + 10 * MINUTE, (OPEN, CLICK))),
        ("opened", SENT, DAY, Wait(NOW + DAY + 10 * MINUTE, (OPEN, CLICK))),
        ("opened", SENT, DAY + 10 * MINUTE, Advance("not_opened", after=NOW + DAY + 10 * MINUTE)),
        ("opened", EngagementFact("pending"), timedelta(0), Wait(NOW + DAY, (OPEN, CLICK))),
        ("opened", EngagementFact("pending"), DAY, Wait(NOW + 2 * DAY, (OPEN, CLICK))),
        ("opened", EngagementFact("unknown"), DAY, Advance("not_opened", after=NOW + DAY)),
    ],
)
def test_opened(counts: str, message: EngagementFact | None, after: timedelta, expected: Outcome) -> None:
    node = make("opened", send_key="mail", counts=counts, amount=1, unit="days")
    assert decide(node, message, after) == expected


@pytest.mark.parametrize(
    ("happened", "after", "expected"),
    [
        (None, timedelta(0), Wait(NOW + DAY, (("event", "Bought"),))),
        (None, DAY, Advance("timed_out", after=NOW + DAY)),
        (NOW + 5 * MINUTE, 6 * MINUTE, Advance("happened", NOW + 5 * MINUTE)),
        # A timer that runs late: what happened in time counts, what happened after it does not.
        (NOW + DAY, 3 * DAY, Advance("happened", NOW + DAY)),
        (NOW + DAY + MINUTE, 3 * DAY, Advance("timed_out", after=NOW + DAY)),
    ],
)
def test_wait_event(happened: datetime | None, after: timedelta, expected: Outcome) -> None:
    assert decide(make("wait_event", event="Bought", amount=1, unit="days"), happened, after) == expected


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


WORKING = [0, 1, 2, 3, 4]
EVERY = [0, 1, 2, 3, 4, 5, 6]
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "weekdays", "now", "expected"),
    [
        ("UTC", 9, 20, EVERY, "2026-03-02 09:00", "since 2026-03-02 09:00"),
        ("UTC", 9, 20, EVERY, "2026-03-02 08:59", "2026-03-02 09:00"),
        ("UTC", 9, 20, EVERY, "2026-03-02 20:00", "2026-03-03 09:00"),
        ("UTC", 9, 20, WORKING, "2026-03-06 21:00", "2026-03-09 09:00"),  # Friday evening
        (BERLIN, 9, 20, EVERY, "2026-03-02 07:00", "2026-03-02 08:00"),
        (NEW_YORK, 9, 20, EVERY, "2026-03-02 10:00", "2026-03-02 14:00"),
        ("Asia/Kolkata", 9, 20, WORKING, "2026-03-01 20:00", "2026-03-02 03:30"),
        # Over midnight: the window belongs to the day on which it begins.
        ("UTC", 22, 6, EVERY, "2026-03-03 03:00", "since 2026-03-02 22:00"),
        ("UTC", 22, 6, EVERY, "2026-03-03 06:00", "2026-03-03 22:00"),
        ("UTC", 22, 6, [0], "2026-03-03 03:00", "since 2026-03-02 22:00"),
        ("UTC", 22, 6, [1], "2026-03-03 03:00", "2026-03-03 22:00"),
        # The whole day.
        ("UTC", 9, 9, EVERY, "2026-03-03 03:00", "since 2026-03-02 09:00"),
        # Europe/Berlin leaps from 02:00 to 03:00 on 2026-03-29: 02:30 becomes 03:30 there, 01:30 in UTC.
        (BERLIN, (2, 30), 20, EVERY, "2026-03-29 00:45", "2026-03-29 01:30"),
        (BERLIN, (2, 30), 20, EVERY, "2026-03-29 01:30", "since 2026-03-29 01:30"),
        # A window that the gap swallows does not open that day.
        (BERLIN, (2, 15), (3, 10), EVERY, "2026-03-29 00:45", "2026-03-30 00:15"),
        # It falls back from 03:00 to 02:00 on 2026-10-25: 02:30 is the first of the two.
        (BERLIN, (2, 30), 20, EVERY, "2026-10-25 00:10", "2026-10-25 00:30"),
        (BERLIN, (2, 30), (2, 45), EVERY, "2026-10-25 01:35", "2026-10-26 01:30"),
        # New York leaps on 2026-03-08 at 02:00: nine o'clock comes an hour earlier in UTC than the day before.
        (NEW_YORK, 9, 20, EVERY, "2026-03-07 13:30", "2026-03-07 14:00"),
        (NEW_YORK, 9, 20, EVERY, "2026-03-08 12:30", "2026-03-08 13:00"),
        ("UTC", 9, 20, [], "2026-03-02 10:00", None),
    ],
)
def test_wait_window(zone: str, opens: Any, closes: Any, weekdays: list[int], now: str, expected: str | None) -> None:
    def hour(value: Any) -> time:
        return time(*value) if isinstance(value, tuple) else time(value)

    node = make("wait_window", opens=hour(opens), closes=hour(closes), weekdays=weekdays)
    outcome = decide(node, now=at(now), zone=ZoneInfo(zone))
    assert outcome == (
        Advance(after=at(expected.removeprefix("since ")))
        if expected and expected.startswith("since")
        else (Wait(at(expected), (("attribute", "timezone"),)) if expected else Wait(None))
    )


def test_audience() -> None:
    node = make("audience", condition={"type": "attribute", "field": "country", "op": "eq", "value": "DE"})
    assert (decide(node, True), decide(node, False)) == (Advance("yes"), Advance("no"))


def test_random_split_keeps_its_shares_and_its_people() -> None:
    arms = [{"name": "A", "percent": 20}, {"name": "B", "percent": 30}, {"name": "C", "percent": 50}]
    node = make("random_split", arms=arms)
    went = [decide(node, profile=n) for n in range(5_000)]
    assert went == [decide(node, profile=n, after=9 * DAY) for n in range(5_000)]
    shares = Counter(outcome.port for outcome in went if isinstance(outcome, Advance))
    assert set(shares) == {"arm_1", "arm_2", "arm_3"}
    for port, share in (("arm_1", 0.2), ("arm_2", 0.3), ("arm_3", 0.5)):
        assert shares[port] / 5_000 == pytest.approx(share, abs=0.02)


def test_random_split_arms_of_nobody_and_everybody() -> None:
    node = make("random_split", arms=[{"name": "A", "percent": 0}, {"name": "B", "percent": 100}])
    assert {decide(node, profile=n) for n in range(300)} == {Advance("arm_2")}


def test_random_splits_are_independent_of_each_other() -> None:
    node = make("random_split")
    here = [node.run(Step(1, n, "a", 1, NOW, NOW, NOW, ZoneInfo("UTC"))) for n in range(2_000)]
    there = [node.run(Step(1, n, "b", 1, NOW, NOW, NOW, ZoneInfo("UTC"))) for n in range(2_000)]
    same = sum(one == other for one, other in zip(here, there, strict=True))
    assert same / 2_000 == pytest.approx(0.5, abs=0.05)


def test_send() -> None:
    node = make("send", template=Template(pk=5, name="Welcome", channel="sms"), topic_id=3)
    assert decide(node) == Send(5, "sms", topic_id=3)
    assert decide(make("send")) == Fail("There is no message to send here.")


def test_update_profile() -> None:
    node = make("update_profile", changes=[{"attribute": "a", "value": 1}, {"attribute": "b", "value": None}])
    assert decide(node) == Effect(UpdateAttributes({"a": 1, "b": None}))


def test_exit() -> None:
    assert decide(make("exit", reason="Bought")) == Exit("Bought", completed=True)


@pytest.mark.parametrize(
    ("where", "properties", "comes_in"),
    [
        ([], {}, True),
        ([{"field": "plan", "op": "eq", "value": "trial"}], {"plan": "trial"}, True),
        ([{"field": "plan", "op": "eq", "value": "trial"}], {"plan": "pro"}, False),
        ([{"field": "plan", "op": "eq", "value": "trial"}], {}, False),
    ],
)
def test_entry_event_admits(where: list[Any], properties: dict[str, Any], comes_in: bool) -> None:
    assert make("entry_event", event="Signed Up", where=where).admits(properties, NOW) is comes_in


@pytest.mark.parametrize(
    ("kind", "config", "sentence"),
    [
        ("entry_event", {"event": "Signed Up"}, "When someone does **Signed Up**"),
        ("delay", {"amount": 1, "unit": "days"}, "Wait **1 day**"),
        ("delay", {"amount": 3, "unit": "hours"}, "Wait **3 hours**"),
        ("wait_event", {"event": "Bought"}, "Until they do **Bought**, at most **1 day**"),
        (
            "wait_window",
            {"opens": time(9), "closes": time(20), "weekdays": WORKING},
            "Between **9 a.m.** and **8 p.m.** where they live, **Monday to Friday**",
        ),
        ("opened", {"send_key": "mail"}, "Have they **opened it** within **1 day**?"),
        ("random_split", {}, "By chance: **A** 50 %, **B** 50 %"),
        ("send", {}, "Send …"),
        (
            "send",
            {"template": Template(content={"subject": "Hello {{ profile.first_name | default: 'you' }}"})},
            "“Hello {first\u00a0name}”",
        ),
        ("task", {"task": "Call {{ first_name }}"}, "Ask **a colleague**: Call {first\u00a0name}"),
        (
            "emit_event",
            {"event": "Asked", "properties": [{"name": "item", "value": "{{ event.product }}"}]},
            "Note **Asked** with item {product}",
        ),
        ("update_profile", {"changes": [{"attribute": "stage", "value": "vip"}]}, "Set **stage** to **vip**"),
        ("exit", {"reason": "Bought"}, "Bought"),
    ],
)
def test_cards_read_as_sentences(kind: str, config: dict[str, Any], sentence: str) -> None:
    assert make(kind, **config).summary() == sentence


@pytest.mark.parametrize(
    ("amount", "unit", "fits"), [(521, "weeks", True), (522, "weeks", False), (2**31 - 1, "days", False)]
)
def test_a_length_of_time_stays_within_ten_years(amount: int, unit: str, fits: bool) -> None:
    form = node_kinds()["delay"].Inspector({"amount": amount, "unit": unit})
    assert form.is_valid() is fits
    assert ("amount" in form.errors) is not fits
