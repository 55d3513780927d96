"""A real browser against a real server, signed in as a marketer."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, sync_playwright

from tests import browser as chromium
from tests.product import Product, product

if TYPE_CHECKING:
    from django.test import Client

# Playwright's sync API runs an event loop in this thread, and Django would refuse to query beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = playwright.chromium.launch(
        executable_path=chromium.find(), args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    )
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product as `make run` starts it: once, since that takes half a minute."""
    folder: Path = tmp_path_factory.mktemp("product")
    with product(folder / "local") as started:
        yield started


@pytest.fixture
def page(running: Product, browser: Browser) -> Iterator[Page]:
    """A page of the running product, nobody signed in."""
    context = browser.new_context(base_url=running.url, viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    yield opened
    context.close()


def is_error(said: ConsoleMessage) -> bool:
    """What scripts and the content security policy complain of; answers are judged by their status."""
    return said.type == "error" and not said.text.startswith(("Failed to load resource", "Response Status Error Code"))


def is_broken(answer: Response) -> bool:
    """A page that is not there or fails; refusals (403, 409, 422) are part of the conversation."""
    return answer.status == 404 or answer.status >= 500


@pytest.fixture
def page_as(
    valkey: Any, live_server: Any, browser: Browser, client_as: Callable[[str], "Client"]
) -> Iterator[Callable[..., Page]]:
    """`page_as("marketer")`: a page signed in with that role. What fails in it fails the test.

    Valkey is emptied first: else pages would suggest what the test before had in its database.
    """
    contexts, errors = [], []

    def opened(role: str, **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server.url, **{"viewport": {"width": 1440, "height": 900}} | options
        )
        cookie = client_as(role).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: errors.append(said.text) if is_error(said) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "response", lambda answer: errors.append(f"{answer.status} {answer.url}") if is_broken(answer) else None
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
