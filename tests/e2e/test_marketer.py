"""A marketer's walks from outside: a journey that asks another system and a colleague, one that waits for any of
several events, and the questions before and after publishing: what would have happened, and why did it?

The product runs as `make run` starts it; texts lie in the mailbox of the sandbox, where no account is needed.
"""

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawing import add_behind, begin, choose_mail, draw_entry, publish, sign_in
from tests.product import Product, wait_for

pytestmark = pytest.mark.e2e
SLOW = 30_000  # for what several processes take part in


class Points(ThreadingHTTPServer):
    """Another system: Ada has 120 points, everybody else 10. `asked` is what came, with who signed it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[tuple[str, str]] = []


class Answer(BaseHTTPRequestHandler):
    server: Points

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = said["data"]["profile"]["first_name"]
        self.server.asked.append((name, self.headers["webhook-signature"][:3]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"points": 120 if name == "Ada" else 10}).encode())

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def points() -> Iterator[Points]:
    server = Points()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


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


def texts(page: Page, name: str) -> list[str]:
    """What was sent with the content of that name."""
    page.goto(f"/mailbox/?channel=sms&q={name}")
    return sorted(page.locator(".letter-line strong").all_inner_texts())


def test_another_system_decides_and_a_colleague_says_how_it_went(running: Product, page: Page, points: Points) -> None:
    """Everything by mouse: webhook, branch on its answer, task for a colleague, the next text."""
    write_texts(running, Thanks="Thank you {{ first_name }} for {{ answers.points.points }} points")
    sign_in(page, running)
    begin(page, "Care for loyal people")
    inspector = page.locator("#inspector")
    draw_entry(page, "entry_event")
    inspector.locator("[name=event]").fill("Points Asked")
    inspector.locator("[name=event]").blur()
    add_behind(page, "next", "webhook")
    inspector.get_by_label("Address").fill(f"http://127.0.0.1:{points.server_port}/points")
    inspector.get_by_label("Call the answer").fill("points")
    inspector.get_by_label("Call the answer").blur()
    expect(page.locator(".cv-card", has_text="127.0.0.1")).to_be_visible()
    add_behind(page, "answered", "by_answer")
    inspector.get_by_label("Which answer").select_option(label="Call a webhook")
    inspector.get_by_role("button", name="Add: property").click()
    page.keyboard.type("points")
    page.keyboard.press("Enter")
    inspector.get_by_role("button", name="Comparison").click()
    page.get_by_role("option", name="is at least", exact=True).click()
    inspector.get_by_role("button", name="Value").click()
    page.locator(".ce-panel input:visible").last.fill("100")
    page.keyboard.press("Enter")
    expect(page.locator(".cv-card", has_text="points is at least 100")).to_be_visible(timeout=SLOW)
    add_behind(page, "yes", "task")
    inspector.get_by_label("What is to be done").fill("Call {{ first_name }}")
    inspector.get_by_label("What is to be done").blur()
    add_behind(page, "way_1", "send")
    choose_mail(page, "Thanks")
    publish(page)

    tell(running, "Points Asked", "Ada", "Bo")
    wait_for(lambda: page.goto("/tasks/") and page.get_by_role("heading", name="Call").count(), 20, "a task")
    expect(page.get_by_role("heading", name="Call", exact=False)).to_have_text("Call Ada")
    assert sorted(points.asked) == [("Ada", "v1,"), ("Bo", "v1,")]
    page.get_by_label("Note").fill("Was glad to hear from us.")
    page.get_by_role("button", name="Reached", exact=True).click()
    expect(page.get_by_text("Noted. The journey goes on for them.")).to_be_visible()
    expect(page.get_by_text("Was glad to hear from us.")).to_be_visible()
    wait_for(lambda: texts(page, "Thanks"), 20, "the text after the task")
    assert texts(page, "Thanks") == ["Thank you Ada for 120 points"]


# Nobody presses a key sooner after a dialog has come.
ANSWERED_AT_ONCE = """() => new MutationObserver((_, us) => {
    const form = document.querySelector("#publish[open] form");
    if (form) { us.disconnect(); form.requestSubmit(); }
}).observe(document.body, {childList: true, subtree: true, attributes: true})"""


def add_by_keys(page: Page, search: str) -> None:
    """Behind the chosen card: "/", a few letters, Enter. Leads into the form of the new card."""
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Find a step").last).to_be_focused(timeout=SLOW)
    page.keyboard.type(search)
    page.keyboard.press("Enter")


def test_the_first_of_several_events_decides_the_way(running: Product, page: Page) -> None:
    """Everything by keys."""
    write_texts(running, Glad="Glad about it, {{ first_name }}", Sorry="A pity, {{ first_name }}")
    sign_in(page, running)
    page.goto("/journeys/new/")
    page.keyboard.type("Answers to quotes")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/journeys/\d+/"))
    inspector = page.locator("#inspector")
    page.locator(".cv-palette [data-kind=entry_event]").press("Enter")
    expect(inspector.locator("[name=event]")).to_be_focused()
    page.keyboard.type("Quote Asked")
    page.keyboard.press("Escape")
    add_by_keys(page, "several")
    for row, event in enumerate(("Quote Taken", "Quote Refused")):
        expect(inspector.locator(f"[name=events-{row}-event]")).to_be_focused(timeout=SLOW)
        page.keyboard.type(event)
        page.keyboard.press("Tab")
        # The form is drawn anew with one more row, and the focus stays where it was: at the row's conditions.
        expect(inspector.locator(f"[name=events-{row + 1}-event]")).to_be_visible()
        expect(inspector.get_by_role("button", name="Add: property").nth(row)).to_be_focused()
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    for letters in ("Gl", "So"):
        add_by_keys(page, "message")
        expect(inspector.locator("[name=template]")).to_be_focused(timeout=SLOW)
        page.keyboard.type(letters)
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowUp")
    expect(page.locator(".cv-card", has_text="A pity")).to_be_visible()
    expect(page.locator(".cv-card", has_text="When someone does Quote Asked")).to_be_visible()
    expect(page.locator("#canvas-saved [data-status=saved]")).to_be_visible()
    page.evaluate(ANSWERED_AT_ONCE)
    page.get_by_role("button", name="Publish…").press("Enter")
    page.wait_for_url("**/report/")

    tell(running, "Quote Asked", "Cleo", "Dan", "Eve")
    expect(page.locator(".cv-card", has_text="Wait for one of several")).to_contain_text("3 waiting", timeout=SLOW)
    tell(running, "Quote Taken", "Cleo")
    tell(running, "Quote Refused", "Dan")
    wait_for(lambda: len(texts(page, "Glad") + texts(page, "Sorry")) == 2, 20, "two texts")
    assert (texts(page, "Glad"), texts(page, "Sorry")) == (["Glad about it, Cleo"], ["A pity, Dan"])


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
    expect(page.locator(".cv-card[data-key=hello]")).not_to_contain_text("delivered")

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
