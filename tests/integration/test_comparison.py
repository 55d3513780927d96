"""Two versions of a journey in one drawing."""

from collections.abc import Callable

import pytest
from django.test import Client

from journeys.models import Journey
from journeys.queries import comparison
from journeys.services import drafts
from tests import builders

pytestmark = pytest.mark.django_db

DRAWING = """
    come: entry_event(event="A") -> rest
    rest: delay(amount=2) -> ask
    ask: wait_event(event="B", amount=1) happened -> done, timed_out -> gone
    gone: delay(amount=9) -> done
    done: exit()
"""


@pytest.fixture
def edited() -> Journey:
    journey = builders.journey(DRAWING)
    assert journey.live is not None
    operations = [
        {"op": "configure", "key": "rest", "config": {"amount": 3}},
        {"op": "move_node", "key": "come", "x": 500, "y": 5},
        {"op": "delete_node", "key": "gone"},
        {"op": "add_node", "key": "fresh", "kind": "delay", "x": 0, "y": 900},
        {"op": "connect", "source": "ask", "port": "timed_out", "target": "fresh"},
        {"op": "connect", "source": "fresh", "port": "next", "target": "done"},
    ]
    drafts.apply(journey, journey.live.revision, operations, by=None)
    journey.refresh_from_db()
    return journey


def test_what_is_new_changed_and_gone_is_drawn_together(edited: Journey) -> None:
    versions = comparison.pair(edited, 2, None)
    assert versions is not None
    told = comparison.compared(*versions)
    cards = {card["key"]: (card["change"], card["was"]) for card in told.drawing["nodes"]}
    assert cards == {
        "come": ("", ""),
        "rest": ("changed", "Wait 2 days"),
        "ask": ("", ""),
        "done": ("", ""),
        "fresh": ("added", ""),
        "gone~": ("removed", ""),
    }
    lines = {(e["source"], e["port"], e["target"]): e["change"] for e in told.drawing["edges"]}
    assert {line: change for line, change in lines.items() if change} == {
        ("ask", "timed_out", "fresh"): "added",
        ("fresh", "next", "done"): "added",
        ("ask", "timed_out", "gone~"): "removed",
        ("gone~", "next", "done"): "removed",
    }
    assert (told.added, told.changed, told.removed, told.lines) == (1, 1, 1, 4)
    ghost = next(card for card in told.drawing["nodes"] if card["key"] == "gone~")
    assert ghost["url"] == f"/journeys/{edited.pk}/nodes/gone/?version=1"
    turned = comparison.compared(*versions[::-1])
    assert (turned.added, turned.changed, turned.removed, turned.lines) == (1, 1, 1, 4)


def test_another_kind_of_step_under_the_same_key_is_new_and_the_old_one_gone(edited: Journey) -> None:
    assert edited.draft is not None
    operations = [
        {"op": "delete_node", "key": "fresh"},
        {"op": "add_node", "key": "fresh", "kind": "exit"},
        {"op": "connect", "source": "ask", "port": "timed_out", "target": "fresh"},
    ]
    before = drafts.duplicate(edited, "Copy", by=None).draft
    drafts.apply(edited, edited.draft.revision, operations, by=None)
    edited.refresh_from_db()
    assert before is not None and edited.draft is not None
    told = comparison.compared(before, edited.draft)
    assert {card["key"]: card["change"] for card in told.drawing["nodes"] if card["change"]} == {
        "fresh": "added",
        "fresh~": "removed",
    }
    places = {card["key"]: (card["x"], card["y"]) for card in told.drawing["nodes"]}
    assert places["fresh~"] != places["fresh"]


def test_the_page_compares_with_what_was_live(client_as: Callable[[str], Client], edited: Journey) -> None:
    client, url = client_as("analyst"), f"/journeys/{edited.pk}/versions"
    page = client.get(f"{url}/2/compare/").content.decode()
    assert "Version 2 beside version 1" in page
    assert "4 lines are different" in page
    assert f'href="/journeys/{edited.pk}/versions/2/compare/"' in client.get(f"{url}/").content.decode()
    assert client.get(f"{url}/1/compare/", {"with": "2"}).status_code == 200
    for nothing in ("1/compare/", "9/compare/", "2/compare/?with=2", "2/compare/?with=7"):
        assert client.get(f"{url}/{nothing}").status_code == 404
