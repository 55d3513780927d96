"""The pages of a journey: list, inspector, people, versions, settings, publishing, numbers."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from journeys.engine import inbox
from journeys.models import Enrollment, Journey, Node
from journeys.queries import counts, whereabouts
from journeys.services import drafts
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

Signed = Callable[[str], Client]
DRAWING = """
    come: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> wait
    wait: delay(amount=2) -> done
    done: exit()
"""


@pytest.fixture
def journey(db: None, now: datetime) -> Journey:
    return builders.journey(DRAWING, name="Welcome new customers")


def node(journey: Journey, key: str) -> Node:
    return Node.objects.get(version=journey.live, key=key)


def enrolled(journey: Journey, key: str, **columns: Any) -> Enrollment:
    person = builders.profile(first_name="Ada")
    values = {"entered_at": NOW, "node_entered_at": NOW, "due_at": NOW + timedelta(days=2)} | columns
    return Enrollment.objects.create(
        journey_id=journey.pk,
        version_id=journey.live_id,
        profile_id=person.pk,
        node_id=node(journey, key).pk,
        **values,
    )


def test_the_list_finds_by_name_and_state(client_as: Signed, journey: Journey) -> None:
    drafts.create("Win them back", by=None)
    client = client_as("analyst")
    everything = client.get("/journeys/").content.decode()
    assert "Welcome new customers" in everything
    assert "Win them back" in everything
    found = client.get("/journeys/", {"q": "win", "state": "draft"}, headers={"HX-Target": "journeys-table"})
    assert "Win them back" in found.content.decode()
    assert "Welcome new customers" not in found.content.decode()
    assert "<html" not in found.content.decode()


def test_without_journeys_the_list_leads_to_the_first(client_as: Signed) -> None:
    assert "Draw the first journey" in client_as("marketer").get("/journeys/").content.decode()


@pytest.mark.parametrize("tab", ["", "report/", "people/", "versions/", "settings/", "versions/1/", "nodes/wait/"])
def test_every_page_opens_for_who_reads_and_for_who_writes(client_as: Signed, journey: Journey, tab: str) -> None:
    for role in ("analyst", "marketer"):
        assert client_as(role).get(f"/journeys/{journey.pk}/{tab}").status_code == 200


@pytest.mark.parametrize("verb", ["rename", "duplicate", "discard", "publish", "pause", "archive", "nodes/wait"])
def test_an_analyst_changes_nothing(client_as: Signed, journey: Journey, verb: str) -> None:
    assert client_as("analyst").post(f"/journeys/{journey.pk}/{verb}/", {"name": "X"}).status_code == 403
    journey.refresh_from_db()
    assert (journey.name, journey.state) == ("Welcome new customers", Journey.State.LIVE)


def test_the_inspector_saves_into_a_draft_and_tells_the_canvas(client_as: Signed, journey: Journey) -> None:
    assert journey.live is not None
    client = client_as("marketer")
    url = f"/journeys/{journey.pk}/nodes/wait/"
    answers = {"amount": "5", "unit": "hours", "name": "A rest", "revision": str(journey.live.revision)}
    response = client.post(url, answers)
    told = json.loads(response.headers["HX-Trigger"])["node:saved"]
    assert response.headers["HX-Reswap"] == "none"
    assert told["revision"] == journey.live.revision + 1
    assert (told["card"]["title"], told["card"]["summary"]) == ("A rest", "Wait **5 hours**")
    journey.refresh_from_db()
    assert Node.objects.get(version=journey.draft, key="wait").config() == {"amount": 5, "unit": "hours"}
    assert node(journey, "wait").config() == {"amount": 2, "unit": "days"}

    stale = client.post(url, answers | {"amount": "9"})
    assert "graph:stale" in stale.headers["HX-Trigger"]
    assert Node.objects.get(version=journey.draft, key="wait").config()["amount"] == 5


def test_the_inspector_says_what_is_needed_and_saves_nothing(client_as: Signed, journey: Journey) -> None:
    assert journey.live is not None
    answers = {"amount": "-1", "unit": "days", "revision": str(journey.live.revision)}
    response = client_as("marketer").post(f"/journeys/{journey.pk}/nodes/wait/", answers)
    assert response.status_code == 422
    assert "greater than or equal to 0" in response.content.decode()
    journey.refresh_from_db()
    assert journey.draft is None


def test_publishing_says_what_changes_then_does_it(client_as: Signed, journey: Journey) -> None:
    client = client_as("marketer")
    url = f"/journeys/{journey.pk}/publish/"
    assert "The drawing is the same as what is live." in client.get(url).content.decode()
    assert journey.live is not None
    operations = [
        {"op": "configure", "key": "wait", "config": {"amount": 4}},
        {"op": "add_node", "key": "again", "kind": "delay", "name": "Another rest"},
        {"op": "connect", "source": "wait", "port": "next", "target": "again"},
        {"op": "connect", "source": "again", "port": "next", "target": "done"},
    ]
    drafts.apply(journey, journey.live.revision, operations, by=None)
    dialog = client.get(url).content.decode()
    assert "<dt>New</dt><dd>Another rest</dd>" in dialog
    assert "<dt>Changed</dt><dd>Wait 4 days</dd>" in dialog
    response = client.post(url)
    assert response.headers["HX-Redirect"] == f"/journeys/{journey.pk}/report/"
    journey.refresh_from_db()
    assert journey.live is not None
    assert (journey.live.number, journey.draft) == (2, None)
    assert journey.live.published_by is not None
    assert journey.live.published_by.email == "marketer@shop.example"


def test_what_is_not_ready_is_not_published(client_as: Signed) -> None:
    journey = drafts.create("Empty", by=None)
    response = client_as("marketer").post(f"/journeys/{journey.pk}/publish/")
    assert "Nobody can come in yet" in response.content.decode()
    journey.refresh_from_db()
    assert journey.live is None


def test_pause_and_resume(client_as: Signed, journey: Journey) -> None:
    client = client_as("marketer")
    for verb, state in (("pause", "paused"), ("resume", "live")):
        client.post(f"/journeys/{journey.pk}/{verb}/")
        journey.refresh_from_db()
        assert journey.state == state


def test_a_draft_is_not_restored_from_itself(client_as: Signed, journey: Journey) -> None:
    draft = drafts.start_draft(journey, None)
    drawn = set(draft.nodes.values_list("key", flat=True))
    answer = client_as("marketer").post(f"/journeys/{journey.pk}/versions/{draft.number}/restore/")
    assert answer.status_code == 404
    journey.refresh_from_db()
    assert journey.draft == draft
    assert set(draft.nodes.values_list("key", flat=True)) == drawn != set()


@pytest.mark.parametrize(
    "address",
    [
        "/journeys/{pk}/people/?page=",
        "/journeys/{pk}/nodes/mail/?version=",
        "/journeys/{pk}/versions/1/compare/?with=",
        "/api/journeys/{pk}/counts?version=",
        "/reports/messages/?before=",
        "/mailbox/?before=",
        "/people/?segment=",
    ],
)
def test_numbers_of_any_length_break_no_page(client_as: Signed, journey: Journey, address: str) -> None:
    for number in ("9" * 18, "9" * 5000):
        answer = client_as("analyst").get(address.format(pk=journey.pk) + number)
        assert answer.status_code in (200, 400, 404)


def test_settings_go_into_the_draft(client_as: Signed, journey: Journey) -> None:
    answers = {"goal_event": "Order Completed", "goal_where": "[]", "window": "3", "unit": "24", "reentry": "once"}
    client_as("marketer").post(f"/journeys/{journey.pk}/settings/", answers)
    journey.refresh_from_db()
    assert journey.draft is not None
    assert (journey.draft.goal_event, journey.draft.goal_window_hours, journey.draft.reentry) == (
        "Order Completed",
        72,
        "once",
    )
    assert journey.live is not None
    assert journey.live.goal_event == ""


def test_people_are_listed_by_step_state_and_message(client_as: Signed, journey: Journey) -> None:
    here = enrolled(journey, "wait")
    ended = enrolled(journey, "done", state=Enrollment.State.COMPLETED, ended_at=NOW, due_at=None)
    sender = node(journey, "mail")
    builders.message(
        builders.profile(),
        builders.template("Other"),
        enrollment_id=ended.pk,
        journey_id=journey.pk,
        node_id=sender.pk,
        state="sent",
        sent_at=NOW,
        opened_at=NOW,
    )
    client = client_as("analyst")

    def shown(**filters: str) -> list[int]:
        rows = client.get(f"/journeys/{journey.pk}/people/", filters).context["rows"]
        return [row.enrollment.pk for row in rows]

    assert shown() == [ended.pk, here.pk]
    assert shown(node="wait") == [here.pk]
    assert shown(state="active") == [here.pk]
    assert shown(node="wait", state="completed") == []
    assert shown(node="mail", message="opened") == [ended.pk]
    assert shown(node="mail", message="clicked") == []


def test_counts_are_the_sums_of_the_tallies_in_two_statements(
    client_as: Signed, journey: Journey, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    builders.counted(journey, come={"entered": 10, "left": 10, "started": 10, "port:next": 10})
    builders.counted(journey, mail={"sent": 7, "opened": 3, "skipped:no consent": 2, "skipped:no address": 1})
    builders.counted(journey, wait={"entered": 9, "left": 4, "port:next": 4})
    builders.counted(journey, NOW - timedelta(hours=3), wait={"entered": 1})
    enrolled(journey, "wait", due_at=NOW + timedelta(minutes=14))
    enrolled(journey, "wait", due_at=NOW - timedelta(minutes=5))
    with django_assert_num_queries(2):
        nodes = counts.per_card(journey.pk, NOW)
    wait, mail = nodes["wait"], nodes["mail"]
    assert (wait["entered"], wait["left"], wait["inside"], wait["ports"]) == (10, 4, 6, {"next": 4})
    assert (wait["next_in_seconds"], wait["overdue"]) == (840.0, 1)
    assert (mail["sent"], mail["opened"], mail["skipped"]) == (7, 3, 3)
    assert mail["skips"] == {"no consent": 2, "no address": 1}
    answer = client_as("analyst").get(f"/api/journeys/{journey.pk}/counts").json()
    assert answer["nodes"]["wait"]["inside"] == 6
    assert answer["whole"] == {
        "started": 10, "converted": 0, "inside": 6, "completed": 0, "exited": 0, "failed": 0,
        "overdue": 1, "sent": 7, "opened": 3, "clicked": 0, "skipped": 3,
    }  # fmt: skip


def test_the_graph_is_read_in_the_same_number_of_statements_however_large(
    client_as: Signed, journey: Journey, django_assert_max_num_queries: Any
) -> None:
    from journeys.queries import graph

    assert journey.live is not None
    more = [{"op": "add_node", "key": f"w{n}", "kind": "delay"} for n in range(40)]
    version = drafts.apply(journey, journey.live.revision, more, by=None)
    with django_assert_max_num_queries(12):
        assert len(graph.payload(version)["nodes"]) == 44


@pytest.mark.parametrize("few", [0, 20_000])  # whose people are found first, or met on the way back through everybody
def test_people_come_the_latest_first_page_by_page(
    journey: Journey, few: int, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    monkeypatch.setattr(whereabouts, "FEW", few)
    monkeypatch.setattr(whereabouts, "PAGE", 2)
    other = builders.journey(DRAWING, name="Another")
    builders.calls(*(builders.identify(f"u{n}") for n in range(3)), now=now)
    for n in (2, 0, 1):
        builders.calls(builders.tracked("Signed Up", f"u{n}"), now=now)
        assert inbox.take(100, now) > 0
    everybody = list(Enrollment.objects.filter(journey_id=journey.pk).order_by("-pk").values_list("pk", flat=True))
    assert (len(everybody), Enrollment.objects.filter(journey_id=other.pk).count()) == (3, 3)
    found = [whereabouts.page(journey, {}, number) for number in (1, 2)]
    assert [([row.enrollment.pk for row in rows], more) for rows, more in found] == [
        (everybody[:2], True),
        (everybody[2:], False),
    ]
