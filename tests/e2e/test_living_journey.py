"""A marketer edits a live journey with people inside: sees what changes, decides for them, and goes back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from journeys.models import Enrollment, Journey, Node
from journeys.services import drafts
from omnichannel.shared import clock
from tests import builders

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PageAs = Callable[..., Page]
DRAWING = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> wait
    wait: delay(amount=2, unit="days") -> read
    read: opened(send_key="mail", amount=1, unit="days") opened -> done, not_opened -> again
    again: send(template="Again") -> done
    done: exit(reason="Done")
"""


def living(people: int = 12) -> Journey:
    """Half of the people wait, half are asked; in the draft the wait is longer, and nobody is asked."""
    journey = builders.journey(DRAWING, name="Welcome new customers", at=clock.now())
    assert journey.live is not None
    nodes, now = dict(journey.live.nodes.values_list("key", "pk")), clock.now()
    for n in range(people):
        Enrollment.objects.create(
            journey_id=journey.pk,
            version_id=journey.live.pk,
            profile_id=builders.profile(at=now, first_name=f"Ada {n}").pk,
            node_id=nodes["wait" if n % 2 else "read"],
            visit=3,
            entered_at=now,
            node_entered_at=now,
            due_at=now + timedelta(days=2),
        )
    operations = [
        {"op": "configure", "key": "wait", "config": {"amount": 5}},
        {"op": "delete_node", "key": "read"},
        {"op": "connect", "source": "wait", "port": "next", "target": "again"},
    ]
    drafts.apply(journey, journey.live.revision, operations, by=None)
    journey.refresh_from_db()
    return journey


def standing() -> dict[tuple[int, str], int]:
    """How many people stand at which step of which version."""
    found: dict[tuple[int, str], int] = {}
    nodes = {node.pk: (node.version.number, node.key) for node in Node.objects.select_related("version")}
    for node in Enrollment.objects.filter(state=1).values_list("node_id", flat=True):
        found[nodes[node]] = found.get(nodes[node], 0) + 1
    return found


def test_people_inside_are_asked_about_and_can_be_put_back(page_as: PageAs) -> None:
    journey = living()
    page = page_as("marketer")
    page.goto(f"/journeys/{journey.pk}/")
    page.get_by_role("button", name="Publish…").click()
    dialog = page.locator("#publish")
    expect(dialog).to_contain_text("12 people are inside now.")
    expect(dialog).to_contain_text("Wait 2 days → Wait 5 days")
    dialog.get_by_label("What people at “Wait 2 days” do").select_option("retime")
    dialog.get_by_label("What people at “Opened or not” do").select_option("move:again")
    dialog.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/report/")
    expect(page.get_by_text("Version 2 is live. 12 people go on in it.")).to_be_visible()
    assert standing() == {(2, "wait"): 6, (2, "again"): 6}

    page.goto(f"/journeys/{journey.pk}/versions/")
    page.get_by_role("link", name="What changed").click()
    expect(page.locator(".cv-card[data-change=changed]")).to_contain_text("before: Wait 2 days")
    expect(page.locator(".cv-card[data-change=removed]")).to_have_count(1)
    expect(page.locator(".cv-line-removed")).to_have_count(3)

    page.goto(f"/journeys/{journey.pk}/people/?node=again")
    page.get_by_label("Choose Ada 0").check()
    page.get_by_role("button", name="Take out").click()
    page.locator("#confirm").get_by_role("button", name="Take out").click()
    expect(page.get_by_text("Done for 1 person.")).to_be_visible()
    assert standing() == {(2, "wait"): 6, (2, "again"): 5}

    page.goto(f"/journeys/{journey.pk}/versions/")
    page.get_by_role("button", name="Go back to version 1").click()
    expect(page.locator("#go-back")).to_contain_text("11 people whom a publication moved or let go")
    page.locator("#go-back").get_by_role("button", name="Go back").click()
    page.wait_for_url("**/report/")
    assert standing() == {(1, "wait"): 6, (1, "read"): 5}
