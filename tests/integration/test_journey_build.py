"""A journey from one JSON document."""

from typing import Any

import pytest

from journeys.models import Journey, Node
from journeys.queries import graph
from journeys.services import drafts
from journeys.services.arrange import COLUMN, ROW, names_below, places
from journeys.services.build import SpecError, create_journey
from profiles.models import Topic
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

SPEC: dict[str, Any] = {
    "name": "Welcome",
    "nodes": [
        {"key": "come", "kind": "entry_event", "config": {"event": "Signed Up"}},
        {"key": "pause", "kind": "delay", "name": "A rest", "config": {"amount": 3, "unit": "hours"}},
        {"key": "done", "kind": "exit"},
    ],
    "edges": [{"from": "come", "to": "pause"}, {"from": "pause", "port": "next", "to": "done"}],
    "settings": {"goal_event": "Order Completed", "goal_window_hours": 72, "reentry": "once", "topic": "news"},
}


def test_nodes_edges_and_settings() -> None:
    topic = Topic.objects.create(slug="news", name="News")
    version = create_journey(SPEC, None, NOW).draft
    assert version is not None
    nodes = {node.key: node for node in Node.objects.filter(version=version)}
    assert {key: (node.kind, str(node), node.x, node.y) for key, node in nodes.items()} == {
        "come": ("entry_event", "Does something", 0, 0),
        "pause": ("delay", "A rest", 0, ROW),
        "done": ("exit", "End", 0, 2 * ROW),
    }
    assert nodes["pause"].config() == {"amount": 3, "unit": "hours"}
    edges = version.edges.values_list("source__key", "port", "target__key")
    assert set(edges) == {("come", "next", "pause"), ("pause", "next", "done")}
    assert (version.goal_event, version.goal_window_hours, version.reentry) == ("Order Completed", 72, "once")
    assert (version.topic, version.revision) == (topic, 1)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": " "}, "name"),
        ({"nodes": "all"}, "nodes"),
        ({"nodes": [{"key": "a", "kind": "delay"}, {"key": "b", "kind": "warp"}]}, "nodes[1]"),
        ({"nodes": [*SPEC["nodes"], {"kind": "exit"}]}, "nodes[3]"),
        ({"edges": [{"from": "come", "to": "nobody"}]}, "edges[0]"),
        ({"edges": [{"from": "come", "port": "up", "to": "pause"}]}, "edges[0]"),
        ({"edges": ["come"]}, "edges[0]"),
        ({"settings": {"speed": 3}}, "settings.speed"),
        ({"settings": {"topic": "unknown"}}, "settings.topic"),
        ({"settings": {"reentry": "never"}}, "settings.reentry"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(change: dict[str, Any], path: str) -> None:
    with pytest.raises(SpecError) as refused:
        create_journey({**SPEC, "settings": {}, **change}, None, NOW)
    assert refused.value.path == path
    assert not Journey.objects.exists()


def test_places_are_rows_by_distance_with_branches_side_by_side() -> None:
    spots = places(
        {"in": 1, "split": 2, "a": 1, "b": 1, "join": 1},
        [("in", "split"), ("split", "a"), ("split", "b"), ("a", "join"), ("b", "join"), ("join", "in")],
    )
    below = 2 * ROW + names_below(2)
    assert {key: y for key, (_x, y) in spots.items()} == {
        "in": 0,
        "split": ROW,
        "a": below,
        "b": below,
        "join": below + ROW,
    }
    assert spots["b"][0] - spots["a"][0] == COLUMN
    assert spots["split"][0] == (spots["a"][0] + spots["b"][0]) // 2


def test_open_ways_have_room_for_their_names_above_what_the_card_leads_to() -> None:
    drawing = """
        come: entry_event(event="A") -> reach
        reach: reachable(ways=["email", "phone"]) email -> mailed
        mailed: exit()
        other: reachable()
    """
    made = builders.journey(drawing, publish=False)
    tops = dict(drafts.current(made).nodes.values_list("key", "y"))
    assert tops == {"come": 0, "reach": ROW, "mailed": 2 * ROW + names_below(3), "other": 0}


def test_the_canvas_is_told_how_much_room_the_names_of_ways_need() -> None:
    ways = 'ways=["email", "phone", "device_token"]'
    made = builders.journey(f'come: entry_event(event="A") -> reach\nreach: reachable({ways})', publish=False)
    told = {card["key"]: card["names_below"] for card in graph.payload(drafts.current(made))["nodes"]}
    assert told == {"come": 0, "reach": 92}
    assert [names_below(ways) for ways in (0, 1, 2, 3, 9)] == [0, 0, 52, 92, 92]


def test_a_duplicate_is_a_draft_of_its_own() -> None:
    original = builders.journey(
        'come: entry_event(event="A") -> mail\nmail: send(template="Welcome") -> done\ndone: exit()'
    )
    copied = drafts.duplicate(original, "Copy", by=None)
    assert (copied.state, copied.live) == (Journey.State.DRAFT, None)
    assert copied.draft is not None
    assert original.live is not None
    configs = [
        {node.key: (node.kind, node.config(), node.x, node.y) for node in Node.objects.filter(version=version)}
        for version in (original.live, copied.draft)
    ]
    assert configs[0] == configs[1]
    assert copied.draft.edges.count() == 2


def test_an_old_version_comes_back_as_the_draft() -> None:
    journey = builders.journey('come: entry_event(event="A") -> wait\nwait: delay(amount=2)')
    first = journey.live
    assert first is not None
    drafts.apply(journey, first.revision, [{"op": "delete_node", "key": "wait"}], by=None)
    draft = drafts.restore(journey, first, by=None)
    journey.refresh_from_db()
    assert journey.draft == draft
    assert set(draft.nodes.values_list("key", flat=True)) == {"come", "wait"}
    assert journey.versions.count() == 2
    drafts.discard(journey)
    journey.refresh_from_db()
    assert (journey.draft, journey.live) == (None, first)
