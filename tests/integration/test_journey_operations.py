"""Editing a draft through its operations: each one, all or none, revisions, roles."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from journeys.models import Edge, Journey, Node
from journeys.services import drafts, lifecycle
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

ENTRY: dict[str, Any] = {"op": "add_node", "key": "in", "kind": "entry_event", "x": 0, "y": 0}
WAIT: dict[str, Any] = {"op": "add_node", "key": "wait", "kind": "delay", "x": 0, "y": 160, "config": {"amount": 2}}
LINE: dict[str, Any] = {"op": "connect", "source": "in", "port": "next", "target": "wait"}


@pytest.fixture
def journey(db: None) -> Journey:
    return drafts.create("Welcome", by=None)


def post(client: Client, journey: Journey, revision: int, *operations: dict[str, Any]) -> Any:
    return client.post(
        f"/api/journeys/{journey.pk}/draft/operations",
        json.dumps({"revision": revision, "operations": operations}),
        content_type="application/json",
    )


def shape(journey: Journey) -> tuple[dict[str, tuple[str, int, int]], set[tuple[str, str, str]]]:
    journey.refresh_from_db()
    nodes = {n.key: (n.kind, n.x, n.y) for n in Node.objects.filter(version=journey.draft)}
    edges = Edge.objects.filter(version=journey.draft).values_list("source__key", "port", "target__key")
    return nodes, set(edges)


def test_every_operation(client_as: Callable[[str], Client], journey: Journey) -> None:
    client = client_as("marketer")
    answer = post(client, journey, 0, ENTRY, WAIT, LINE).json()
    assert answer["revision"] == 1
    assert shape(journey) == (
        {"in": ("entry_event", 0, 0), "wait": ("delay", 0, 160)},
        {("in", "next", "wait")},
    )
    wait = next(card for card in answer["nodes"] if card["key"] == "wait")
    assert (wait["config"]["amount"], wait["summary"], wait["url"]) == (
        2,
        "Wait **2 days**",
        f"/journeys/{journey.pk}/nodes/wait/",
    )

    answer = post(
        client,
        journey,
        1,
        {"op": "move_node", "key": "wait", "x": 40, "y": 200},
        {"op": "rename_node", "key": "wait", "name": "A pause"},
        {"op": "configure", "key": "wait", "config": {"amount": 5, "unit": "hours"}},
        {"op": "add_node", "key": "end", "kind": "exit", "x": 0, "y": 320},
        {"op": "connect", "source": "wait", "port": "next", "target": "end"},
        {"op": "disconnect", "source": "in", "port": "next"},
    ).json()
    wait = next(card for card in answer["nodes"] if card["key"] == "wait")
    assert (wait["title"], wait["summary"], wait["x"], wait["y"]) == ("A pause", "Wait **5 hours**", 40, 200)
    assert answer["edges"] == [{"source": "wait", "port": "next", "target": "end"}]
    assert {"text": "No line leads here.", "node": "wait", "level": "error"} in answer["problems"]

    post(client, journey, 2, {"op": "delete_node", "key": "wait"})
    assert shape(journey) == ({"in": ("entry_event", 0, 0), "end": ("exit", 0, 320)}, set())


def test_an_edit_of_nothing_makes_no_draft_and_whatever_was_sent_before_is_too_late(
    client_as: Callable[[str], Client],
) -> None:
    journey = builders.journey('in: entry_event(event="A") -> wait\nwait: delay()')
    assert journey.live is not None
    client, revision = client_as("marketer"), journey.live.revision
    assert post(client, journey, revision).json()["revision"] == revision + 1
    late = post(client, journey, revision, {"op": "delete_node", "key": "wait"})
    assert (late.status_code, late.json()["revision"]) == (409, revision + 1)
    journey.refresh_from_db()
    assert journey.draft is None


def test_a_port_has_one_line(client_as: Callable[[str], Client], journey: Journey) -> None:
    end = {"op": "add_node", "key": "end", "kind": "exit"}
    post(client_as("marketer"), journey, 0, ENTRY, WAIT, end, LINE, {**LINE, "target": "end"})
    assert shape(journey)[1] == {("in", "next", "end")}


def test_lines_go_with_the_ports_they_leave_by(client_as: Callable[[str], Client], journey: Journey) -> None:
    client = client_as("marketer")
    arms = [{"name": name, "percent": share} for name, share in (("A", 30), ("B", 30), ("C", 40))]
    split = {"op": "add_node", "key": "split", "kind": "random_split", "config": {"arms": arms}}
    lines = [{"op": "connect", "source": "split", "port": f"arm_{n}", "target": "wait"} for n in (1, 2, 3)]
    post(client, journey, 0, split, WAIT, *lines)
    answer = post(client, journey, 1, {"op": "configure", "key": "split", "config": {"arms": arms[:2]}}).json()
    assert [edge["port"] for edge in answer["edges"]] == ["arm_1", "arm_2"]


def test_steps_added_together_may_ask_about_each_other(client_as: Callable[[str], Client], journey: Journey) -> None:
    read = {"op": "add_node", "key": "read", "kind": "opened", "config": {"send_key": "mail", "counts": "clicked"}}
    answer = post(client_as("marketer"), journey, 0, read, {"op": "add_node", "key": "mail", "kind": "send"}).json()
    ports = {card["key"]: [port["label"] for port in card["ports"]] for card in answer["nodes"]}
    assert ports["read"] == ["Clicked", "Not clicked"]


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        ({"op": "add_node", "key": "x", "kind": "teleport"}, "There is no kind of step called teleport."),
        ({"op": "add_node", "key": "wait", "kind": "delay"}, "There is already a step with the key wait."),
        ({"op": "add_node", "key": "a b", "kind": "delay"}, "regex"),
        ({"op": "move_node", "key": "gone", "x": 0, "y": 0}, "There is no step with the key gone."),
        ({"op": "configure", "key": "wait", "config": {"speed": 1}}, "This step has no such setting."),
        ({"op": "configure", "key": "wait", "config": {"amount": -1}}, "greater than or equal to 0"),
        ({"op": "connect", "source": "wait", "port": "sideways", "target": "wait"}, "no way out called sideways"),
        ({"op": "connect", "source": "wait", "port": "next", "target": "in"}, "starts the journey"),
        ({"op": "connect", "source": "wait", "port": "next", "target": "wait"}, "cannot lead to itself"),
        ({"op": "disconnect", "source": "wait", "port": "next"}, "There is no such line."),
        ({"op": "explode", "key": "wait"}, "Invalid value 'explode'"),
        ("nonsense", "Expected `object`"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    client_as: Callable[[str], Client], journey: Journey, operation: Any, says: str
) -> None:
    client = client_as("marketer")
    post(client, journey, 0, ENTRY, WAIT, LINE)
    before = shape(journey)
    response = post(client, journey, 1, {"op": "move_node", "key": "wait", "x": 999, "y": 999}, operation)
    assert response.status_code == 422
    assert response.json()["operation"] == 1
    assert says in response.json()["error"]
    assert shape(journey) == before
    assert journey.draft is not None
    assert journey.draft.revision == 1


def test_an_old_revision_is_refused_with_the_graph_as_it_is(
    client_as: Callable[[str], Client], journey: Journey
) -> None:
    client = client_as("marketer")
    post(client, journey, 0, ENTRY, WAIT)
    response = post(client, journey, 0, {"op": "delete_node", "key": "wait"})
    assert response.status_code == 409
    assert response.json()["revision"] == 1
    assert [card["key"] for card in response.json()["graph"]["nodes"]] == ["in", "wait"]
    assert set(shape(journey)[0]) == {"in", "wait"}


def test_who_got_no_answer_sees_whether_the_edit_was_saved(
    client_as: Callable[[str], Client], journey: Journey
) -> None:
    client = client_as("marketer")
    url = f"/api/journeys/{journey.pk}/draft/operations"

    def edit(revision: int, operation: dict[str, Any], name: str) -> Any:
        body = {"revision": revision, "operations": [operation], "edit": name}
        return client.post(url, json.dumps(body), content_type="application/json").json()

    assert edit(0, ENTRY, "mine")["edit"] == "mine"
    graph = edit(0, ENTRY, "again")["graph"]
    assert (graph["revision"], graph["edit"]) == (1, "mine")
    assert post(client, journey, 1, WAIT).json()["edit"] == ""
    told = client.post(
        f"/journeys/{journey.pk}/nodes/wait/", {"amount": "5", "unit": "days", "revision": "2", "edit": "form"}
    )
    assert told.status_code == 200
    graph = client.get(f"/api/journeys/{journey.pk}/graph").json()
    assert (graph["revision"], graph["edit"]) == (3, "form")


def test_a_revision_never_names_two_drawings(client_as: Callable[[str], Client], journey: Journey) -> None:
    """Throwing a draft away and bringing an old version back count on: an open canvas that shows something else is
    told so.
    """
    client = client_as("marketer")
    come = ENTRY | {"config": {"event": "Signed Up"}}
    post(client, journey, 0, come, WAIT, LINE)
    journey.refresh_from_db()
    first = lifecycle.publish(journey, None, NOW)
    post(client, journey, 1, {"op": "move_node", "key": "wait", "x": 9, "y": 9})
    seen = post(client, journey, 2, {"op": "move_node", "key": "wait", "x": 8, "y": 8}).json()["revision"]
    journey.refresh_from_db()
    drafts.discard(journey)
    fresh = client.get(f"/api/journeys/{journey.pk}/graph").json()["revision"]
    assert fresh > seen
    again = post(client, journey, fresh, {"op": "move_node", "key": "wait", "x": 7, "y": 7}).json()["revision"]
    journey.refresh_from_db()
    lifecycle.publish(journey, None, NOW)
    assert drafts.restore(journey, first, by=None).revision > again


@pytest.mark.parametrize(
    "body",
    ["", "[]", '{"revision": 1e999, "operations": []}', '{"revision": "x", "operations": []}', '{"operations": []}'],
)
def test_a_body_that_is_no_edit(client_as: Callable[[str], Client], journey: Journey, body: str) -> None:
    url = f"/api/journeys/{journey.pk}/draft/operations"
    response = client_as("marketer").post(url, body, content_type="application/json")
    assert response.status_code == 400


def test_an_analyst_reads_but_does_not_write(client_as: Callable[[str], Client], journey: Journey) -> None:
    client = client_as("analyst")
    assert post(client, journey, 0, ENTRY).status_code == 403
    assert client.get(f"/api/journeys/{journey.pk}/graph").json()["nodes"] == []
    assert shape(journey) == ({}, set())


def test_nobody_gets_in_without_signing_in(client: Client, journey: Journey) -> None:
    assert post(client, journey, 0, ENTRY).status_code == 302
    assert client.get(f"/api/journeys/{journey.pk}/graph").status_code == 302
    assert shape(journey) == ({}, set())


def test_the_first_edit_of_a_live_journey_starts_a_draft_with_the_same_keys(
    client_as: Callable[[str], Client], now: Any
) -> None:
    journey = builders.journey(
        """
        come: entry_event(event="Signed Up") -> wait
        wait: delay(amount=2) -> done
        done: exit()
        """
    )
    live = journey.live
    assert live is not None
    keys = set(live.nodes.values_list("key", flat=True))
    rename = {"op": "rename_node", "key": "wait", "name": "Pause"}
    answer = post(client_as("marketer"), journey, live.revision, rename)
    assert answer.status_code == 200
    journey.refresh_from_db()
    assert journey.live_id == live.pk
    assert journey.draft is not None
    assert (journey.draft.number, journey.draft.revision) == (live.number + 1, live.revision + 1)
    assert set(journey.draft.nodes.values_list("key", flat=True)) == keys
    assert journey.draft.edges.count() == live.edges.count()
    assert live.nodes.get(key="wait").name == ""


def test_an_archived_journey_is_read_only(client_as: Callable[[str], Client], journey: Journey) -> None:
    Journey.objects.filter(pk=journey.pk).update(state=Journey.State.ARCHIVED)
    assert post(client_as("marketer"), journey, 0, ENTRY).status_code == 422
    assert shape(journey) == ({}, set())
