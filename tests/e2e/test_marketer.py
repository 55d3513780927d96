"""A marketer's walk from outside through the questions before and after publishing: what would have happened, and why
did it? The product runs as `make run` starts it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawing import publish, sign_in
from tests.product import Product

pytestmark = pytest.mark.e2e
SLOW = 30_000  # for what several processes take part in


def write_texts(running: Product, **texts: str) -> dict[str, int]:
    """The content is another walk; their numbers by name."""
    with running.api() as api:
        made = [
            api.post("/templates/", json={"name": name, "channel": "sms", "content": {"body": body}})
            for name, body in texts.items()
        ]
    return {answer.json()["name"]: answer.json()["id"] for answer in made}


def tell(running: Product, event: str, *names: str, at: datetime | None = None) -> None:
    """These people do it, now or then."""
    when = {"timestamp": at.isoformat()} if at else {}
    batch: list[dict[str, Any]] = []
    for name in names:
        traits = {"first_name": name, "phone": f"+49170{sum(name.encode()) * 7919 + len(name):07d}"}
        batch += [
            {"type": "identify", "userId": name, "traits": traits},
            {"type": "track", "userId": name, "event": event, **when},
        ]
    answer = httpx.post(
        f"{running.url}/v1/batch", json={"batch": batch}, auth=(running.facts["write key"], ""), timeout=20
    )
    assert answer.status_code == 200, answer.text


def trial(hello: int, remind: int) -> dict[str, Any]:
    """A drawing: a greeting, three days to pay, else a reminder."""
    lines = (("start", "next", "hello"), ("hello", "next", "paid"), ("paid", "happened", "end"))
    return {
        "name": "After the trial",
        "nodes": [
            {"key": "start", "kind": "entry_event", "config": {"event": "Trial Begun"}},
            {"key": "hello", "kind": "send", "config": {"template": hello}},
            {"key": "paid", "kind": "wait_event", "config": {"event": "Trial Paid", "amount": 3, "unit": "days"}},
            {"key": "remind", "kind": "send", "config": {"template": remind}},
            {"key": "end", "kind": "exit", "config": {"reason": "Paid"}},
        ],
        "edges": [
            {"from": one, "port": port, "to": other} for one, port, other in (*lines, ("paid", "timed_out", "remind"))
        ],
    }


PEOPLE = tuple(f"Guest {n}" for n in range(1, 21))
PAID = PEOPLE[:8]


def test_what_would_have_happened_and_why_it_did(running: Product, page: Page) -> None:
    """Twenty people began ten days ago and eight paid: the drawing says so before it is live, and why after."""
    then = datetime.now(UTC) - timedelta(days=10)
    tell(running, "Trial Begun", *PEOPLE, at=then)
    tell(running, "Trial Paid", *PAID, at=then + timedelta(days=1))
    made = write_texts(running, Hello="Hello {{ first_name }}", Remind="Still there, {{ first_name }}?")
    with running.api() as api:
        journey = api.post("/journeys/", json=trial(made["Hello"], made["Remind"])).json()["id"]
    sign_in(page, running)

    page.goto(f"/journeys/{journey}/")
    page.get_by_role("link", name="Test").click()
    page.get_by_role("link", name="The last days").click()
    page.get_by_role("button", name="Let it run").click()
    expect(page.get_by_role("heading", name="If this had run the last 30 days")).to_be_visible()
    expect(page.locator(".figure", has_text="People coming in")).to_contain_text("20", timeout=SLOW)
    expect(page.locator(".figure", has_text="Messages")).to_contain_text("32")
    page.get_by_label("More than").select_option("1")
    expect(page.get_by_text("messages: 12 people")).to_be_visible()
    for key, number in (("start", "20 entered"), ("hello", "20 sent"), ("remind", "12 sent"), ("end", "8 arrived")):
        expect(page.locator(f".cv-card[data-key={key}]")).to_contain_text(number)
    expect(page.get_by_role("heading", name="SMS · 32")).to_be_visible()

    page.get_by_role("link", name="Design").click()
    publish(page)
    tell(running, "Trial Begun", "Fay")
    expect(page.locator(".cv-card[data-key=paid]")).to_contain_text("1 waiting", timeout=SLOW)
    for name, words in (
        ("Fay", ("Trial Begun", "Hello", "Trial Paid", "Not within 3 days → Remind")),
        ("Guest 9", ("Trial Begun", "before the journey went live")),
    ):
        page.get_by_role("link", name="People", exact=True).click()
        page.get_by_label("Find somebody and see why they are here or not").fill(name)
        page.locator("#people-found li", has_text=name).get_by_role("link", name="Why?").click()
        for word in words:
            expect(page.locator("main")).to_contain_text(word)
