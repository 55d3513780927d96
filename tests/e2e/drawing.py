"""A marketer at the canvas of the running product: signs in, draws by mouse, publishes."""

import re

from playwright.sync_api import Page, expect

from tests.product import Product


def sign_in(page: Page, running: Product) -> None:
    page.goto("/")
    page.get_by_label("E-mail").fill(running.facts["login"])
    page.get_by_label("Password").fill(running.facts["password"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{running.url}/")


def add_behind(page: Page, port: str, kind: str) -> None:
    """Press "+" on an open way out and choose a kind."""
    page.locator(f"[data-out$=':{port}'] .cv-plus").last.press("Enter")
    page.locator(f".cv-menu [data-kind={kind}]").click()


def begin(page: Page, name: str) -> None:
    """An empty canvas."""
    page.goto("/journeys/new/")
    page.get_by_label("What is the journey called?").fill(name)
    page.get_by_role("button", name="Start drawing").click()
    page.wait_for_url(re.compile(r"/journeys/\d+/"))


def publish(page: Page) -> None:
    """Once everything is saved; it leads to the report."""
    expect(page.locator("#canvas-saved [data-status=saved]")).to_be_visible()
    page.get_by_role("button", name="Publish…").click()
    page.locator("#publish").get_by_role("button", name="Publish").click()
    page.wait_for_url("**/report/")


def choose_mail(page: Page, name: str) -> None:
    """In the inspector that has just opened."""
    expect(page.locator("#inspector [name=template]")).to_have_value("")
    page.locator("#inspector [name=template]").select_option(label=name)
    expect(page.locator(".cv-card", has_text=name).first).to_be_visible()


def draw_entry(page: Page, kind: str) -> None:
    """Drag the first card from the palette."""
    page.locator(f".cv-palette [data-kind={kind}]").drag_to(
        page.locator(".react-flow"), target_position={"x": 400, "y": 80}
    )
