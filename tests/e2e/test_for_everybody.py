"""Screens of living journeys, tests, tasks and webhooks, as axe judges them, in the light and in the dark."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from journeys.engine import runner
from journeys.services.entering import Named, bring_in
from omnichannel.shared import clock
from tests import builders
from tests.e2e.test_living_journey import living

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
AXE = Path(__file__).parent.parent.parent / "static" / "node_modules" / "axe-core" / "axe.min.js"
ASKING = """
    start: entry_api() -> ask
    ask: task(task="Call {{ first_name }}") way_1 -> done, way_2 -> done
    done: exit()
"""


def serious(page: Page) -> list[str]:
    """What axe finds that keeps somebody out."""
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "axe.run().then((found) => found.violations.map((one) => [one.id, one.impact, one.nodes[0].html]))"
    )
    return [f"{page.url}: {name} {html}" for name, impact, html in found if impact in ("serious", "critical")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_stands_in_the_way(page_as: Callable[..., Page], scheme: Literal["light", "dark"]) -> None:
    now = clock.now()
    asking = builders.journey(ASKING, name="Calls", at=now)
    bring_in(asking, [Named(profile_id=builders.profile(now, first_name="Ada").pk)], now)
    while runner.advance(now):
        pass
    journey = living(4)
    page = page_as("admin", color_scheme=scheme)
    found = []
    address = f"/journeys/{journey.pk}/"
    for path in (
        *("/tasks/", "/channels/webhooks/", "/journeys/new/", "/journeys/import/"),
        *(
            f"{address}{tab}"
            for tab in ("people/", "versions/", "settings/", "test/", "backtest/", "versions/2/compare/")
        ),
    ):
        page.goto(path)
        found += serious(page)
    page.goto(address)
    page.locator("[data-key=wait]").click()
    expect(page.locator("#inspector [name=amount]")).to_be_visible()
    page.get_by_role("button", name="Publish…").click()
    expect(page.locator("#publish")).to_contain_text("4 people are inside now.")
    found += serious(page)
    page.goto(f"{address}people/?state=active")
    page.locator("[name=ids]").first.check()
    for menu in ("Move to", "More"):
        page.get_by_role("button", name=menu).click()
        found += serious(page)
    page.set_viewport_size({"width": 390, "height": 600})
    page.goto(f"{address}versions/2/compare/")
    expect(page.locator(".cv-list")).to_be_visible()
    found += serious(page)
    assert found == []
