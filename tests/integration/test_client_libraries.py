"""The published client libraries, unmodified, against the running server; also when an answer is lost on the way."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event as ThreadEvent
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import sync_playwright
from segment.analytics.client import Client

from profiles.models import Event, Identity, Profile
from tests.browser import find
from tests.product import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "static" / "node_modules"
NODE = Path(sys.executable).with_name("node")
CLIENTS = ROOT / "tests" / "clients"


class Lossy(ThreadingHTTPServer):
    """Passes everything on to the server, but the first answers to calls get lost: the client has to send again."""

    daemon_threads = True

    def __init__(self, target: str, lost: int) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.target, self.lost, self.calls = target, lost, 0
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        Thread(target=self.serve_forever, daemon=True).start()


class Passing(BaseHTTPRequestHandler):
    """One request, passed on as it is."""

    server: Lossy

    def do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        answer = httpx.request(self.command, f"{self.server.target}{self.path}", headers=headers, content=body)
        if self.command == "POST":
            self.server.calls += 1
            if self.server.calls <= self.server.lost:
                self.close_connection = True  # stored, but the client never hears of it
                return
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in ("connection", "transfer-encoding", "server", "date"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_OPTIONS = do

    def log_message(self, *args: Any) -> None:
        pass


class Shop(BaseHTTPRequestHandler):
    """A site of its own with the browser library."""

    FILES = {"/analytics.js": MODULES / "@segment/analytics-next/dist/umd/index.js", "/": CLIENTS / "shop.html"}

    def do_GET(self) -> None:
        path = self.FILES.get(self.path.partition("?")[0])
        self.send_response(200 if path else 404)
        self.send_header("Content-Type", "text/html" if path and path.suffix == ".html" else "text/javascript")
        self.end_headers()
        self.wfile.write(path.read_bytes() if path else b"")

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(params=[0, 2], ids=["all answers arrive", "answers get lost"])
def host(request: pytest.FixtureRequest, live_server: Any) -> Iterator[Lossy]:
    server = Lossy(live_server.url, request.param)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def stored(names: list[str]) -> None:
    """Exactly these events, each once, all of one person."""
    wait_for(lambda: Event.objects.count() >= len(names), 20, "every call is stored")
    assert Counter(Event.objects.values_list("name", flat=True)) == Counter(names)
    person = Profile.objects.get(merged_into=None)
    assert set(Event.objects.values_list("profile_id", flat=True)) == {person.pk}


def identities() -> set[tuple[str, str]]:
    return set(Identity.objects.values_list("kind", "value"))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_python(host: Lossy, write_key: str, packed: bool) -> None:
    errors: list[Any] = []
    client = Client(
        write_key, host=host.address, gzip=packed, on_error=lambda *told: errors.append(told), upload_interval=0.1
    )
    client.track(anonymous_id="py-visitor", event="Product Viewed", properties={"sku": "tent"})
    traits = {"firstName": "Pia", "email": "p@x.y", "born": datetime(1990, 5, 1, tzinfo=UTC)}
    client.identify("py-user", traits, anonymous_id="py-visitor")
    client.page("py-user", "Shop", "Home", {"url": "https://x.y/"})
    client.screen("py-user", "Shop", "Cart")
    client.group("py-user", "py-group", {"seats": 5})
    client.alias("py-old", "py-user")
    client.track("py-user", "Imported", {"n": 1}, timestamp=datetime(2020, 1, 1, tzinfo=UTC))
    client.shutdown()
    assert errors == []
    assert host.calls > host.lost
    stored(["Product Viewed", "Identified", "Page Viewed", "Screen Viewed", "Group Joined", "Aliased", "Imported"])
    person = Profile.objects.get()
    assert person.attributes == {
        "first_name": "Pia",
        "email": "p@x.y",
        "born": "1990-05-01T00:00:00+00:00",
        "groups": ["py-group"],
    }
    assert {("user_id", "py-user"), ("anonymous_id", "py-visitor"), ("user_id", "py-old")} <= identities()
    assert abs((Event.objects.get(name="Imported").occurred_at - datetime(2020, 1, 1, tzinfo=UTC)).total_seconds()) < 5


def test_node(host: Lossy, write_key: str) -> None:
    done = subprocess.run(
        [NODE, CLIENTS / "server.cjs", host.address, write_key],
        env=os.environ | {"NODE_PATH": str(MODULES)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert host.calls > host.lost
    stored(["Product Viewed", "Identified", "Page Viewed", "Screen Viewed", "Group Joined", "Aliased", "Imported"])
    assert Profile.objects.get().attributes == {"first_name": "Nora", "email": "n@x.y", "groups": ["node-group"]}


@pytest.mark.parametrize("strategy", ["", "batching"], ids=["one by one", "in batches"])
def test_browser(host: Lossy, write_key: str, shop: str, strategy: str) -> None:
    asked = {"key": write_key, "host": host.address} | ({strategy: "1"} if strategy else {})
    called: list[str] = []
    left = ThreadEvent()

    def visit() -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox"])
            page = browser.new_page(locale="de-DE", timezone_id="Europe/Berlin")
            page.on("request", lambda asked: called.append(asked.url))
            page.goto(f"{shop}/?{urlencode(asked)}")
            page.wait_for_function("document.title === 'done'", timeout=30_000)
            while not left.is_set():
                page.wait_for_timeout(100)  # lets the library send again
            browser.close()

    with ThreadPoolExecutor(1) as pool:  # a thread of its own: Playwright's loop and Django do not mix
        visiting = pool.submit(visit)
        sent = lambda: Event.objects.count() >= 5 and host.calls > host.lost  # noqa: E731
        wait_for(lambda: visiting.done() or sent(), 40, "stored, and sent again where the answer was lost")
        left.set()
        visiting.result()
    stored(["Page Viewed", "Product Viewed", "Identified", "Group Joined", "Order Completed"])
    assert {url for url in called if not url.startswith((shop, host.address))} == set()
    assert host.calls > host.lost
    person = Profile.objects.get()
    told = {"first_name": "Bea", "email": "b@x.y", "groups": ["browser-group"], "timezone": "Europe/Berlin"}
    assert person.attributes == told | {"language": "de"}
    event = Event.objects.get(name="Order Completed")
    assert event.properties == {"total": 12.5}
    assert "Chrome" in (event.context or {})["userAgent"]
