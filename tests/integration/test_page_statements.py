"""Pages of journeys ask the database as often for many rows as for few."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Journey, Request
from journeys.services import blueprints, drafts, lifecycle
from profiles.models import Profile
from profiles.services import segments
from tests import builders
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "valkey")]

DRAWING = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> who
    who: audience(condition=tree) yes -> ask, no -> hook
    ask: task(task="Call {{ first_name }}") way_1 -> listed
    hook: webhook(url="https://x.example/") answered -> rest
    listed: exit()
    rest: delay(amount=2, unit="days")
"""
PAGES = [
    "/journeys/",
    "/journeys/new/",
    "/journeys/{journey}/people/",
    "/journeys/{journey}/people/?node=hook",
    "/journeys/{journey}/people/{person}/",
    "/journeys/{journey}/versions/",
    "/journeys/{journey}/publish/",
    "/journeys/{journey}/report/",
    "/people/{person}/journeys/",
    "/tasks/?whose=all",
    "/channels/webhooks/",
    "/api/journeys/",
    "/api/journeys/{journey}/people/",
    "/api/journeys/{journey}/audience/",
    "/api/journeys/{journey}/report/",
    "/api/journey_templates/",
]


def more(journey: Journey, tree: dict[str, Any], n: int) -> None:
    """So many more journeys, people (half of whom are asked about), saved templates and publications."""
    for _ in range(n):
        made = builders.journey(DRAWING, name=f"Journey {Journey.objects.count()}", tree=tree)
        blueprints.save_as(made, None, NOW)
        user = f"u{Profile.objects.count()}"
        country = "DE" if Profile.objects.count() % 2 else "FR"
        builders.calls(builders.identify(user, country=country), builders.tracked("Signed Up", user))
        journey.refresh_from_db()
        name = {"op": "rename_node", "key": "rest", "name": user}
        drafts.apply(journey, drafts.current(journey).revision, [name], by=None)
        lifecycle.publish(Journey.objects.get(pk=journey.pk), None, NOW, lifecycle.Plan(rest="move"))
    while inbox.take(1000, NOW) or runner.advance(NOW, 1000):
        pass


def test_no_page_asks_for_each_row(client_as: Callable[[str], Client], now: datetime) -> None:
    germans = segments.create(
        "Germans", {"type": "all", "of": [{"type": "attribute", "field": "country", "op": "eq", "value": "DE"}]}
    )
    tree = {"type": "all", "of": [{"type": "segment", "segment": germans.pk, "in": True}]}
    journey = builders.journey(DRAWING, name="First", tree=tree)
    admin = client_as("admin")

    def statements() -> dict[str, int]:
        one = Enrollment.objects.filter(journey_id=journey.pk).earliest("pk")
        found = {}
        for page in PAGES:
            address = page.format(journey=journey.pk, person=one.profile_id)
            for _warm in range(2):
                cache.clear()
                with CaptureQueriesContext(connection) as asked:
                    answer = admin.get(address)
            assert answer.status_code == 200, address
            found[page] = len(asked)
        return found

    more(journey, tree, 2)
    few = statements()
    more(journey, tree, 4)
    assert Request.objects.count() >= 6
    # One more or less is what a process remembers for a moment.
    assert {page: n - few[page] for page, n in statements().items() if n > few[page] + 1} == {}
