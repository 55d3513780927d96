"""People at a step are listed, moved, let go on and taken out by hand: one by one or all, on the page and by API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Journey, Message, Node, StepRecord
from journeys.queries import counts
from journeys.services import by_hand, drafts, lifecycle
from journeys.services.lifecycle import LifecycleError
from omnichannel.accounts import audit
from omnichannel.accounts.models import ApiKey, User
from tests import builders
from tests.conftest import NOW
from tests.integration.test_management_api import program

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ORDERS = """
    start: entry_event(event="Signed Up") -> order
    order: wait_event(event="Bought", amount=3, unit="days") happened -> thanks, timed_out -> remind
    thanks: send(template="Thanks") -> done
    remind: send(template="Remind") -> rest
    rest: delay(amount=1, unit="days")
    done: exit()
"""


@pytest.fixture
def journey(now: datetime) -> Journey:
    """Three people wait for their order."""
    cache.clear()
    drawn = builders.journey(ORDERS)
    for user in ("ada", "bea", "cleo"):
        builders.calls(builders.identify(user, first_name=user.title()), builders.tracked("Signed Up", user))
    work(NOW)
    return drawn


def work(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass


def everybody() -> list[int]:
    return list(Enrollment.objects.filter(state=1).order_by("id").values_list("pk", flat=True))


def standing() -> list[tuple[str, int, int, datetime | None]]:
    """Step, state, visit and due time of each, in the order of coming in."""
    keys = dict(Node.objects.values_list("pk", "key"))
    rows = Enrollment.objects.order_by("id").values_list("node_id", "state", "visit", "due_at")
    return [(keys[node], *rest) for node, *rest in rows]


def inside(journey: Journey) -> dict[str, int]:
    return {key: row["inside"] for key, row in counts.per_card(journey.pk, NOW).items() if row["inside"]}


def test_moved_people_come_to_the_step_anew(journey: Journey) -> None:
    ada, *_others = everybody()
    at = NOW + HOUR
    assert by_hand.move(journey, [ada], "remind", at) == 1
    assert standing()[:2] == [("remind", 1, 3, at), ("order", 1, 2, NOW + 3 * DAY)]
    assert inside(journey) == {"order": 2, "remind": 1}
    work(at)
    assert standing()[0] == ("rest", 1, 4, at + DAY)
    assert Message.objects.count() == 1
    assert [s.outcome for s in StepRecord.objects.filter(enrollment_id=ada).order_by("visit")] == [
        "advance",
        "moved",
        "send",
    ]
    for nowhere in ("start", "unknown", ""):
        with pytest.raises(LifecycleError):
            by_hand.move(journey, [ada], nowhere, at)
    assert standing()[0] == ("rest", 1, 4, at + DAY)


def test_who_is_moved_comes_to_what_is_live_by_now(journey: Journey) -> None:
    """Somebody has published since this page was opened."""
    before = Journey.objects.get(pk=journey.pk)
    drafts.apply(
        journey, drafts.current(journey).revision, [{"op": "rename_node", "key": "rest", "name": "R"}], by=None
    )
    live = lifecycle.publish(Journey.objects.get(pk=journey.pk), None, NOW)
    ada = everybody()[0]
    assert by_hand.move(before, [ada], "rest", NOW) == 1
    assert Enrollment.objects.get(pk=ada).version_id == live.pk


def test_released_people_take_the_way_they_are_sent(journey: Journey) -> None:
    ada, bea, cleo = everybody()
    at = NOW + HOUR
    assert by_hand.release(journey, [ada], "happened", at) == 1
    assert by_hand.release(journey, [bea], "timed_out", at) == 1
    assert by_hand.release(journey, [cleo], "next", at) == 0  # the step has no such way
    work(at)
    assert [row[:2] for row in standing()] == [("done", 2), ("rest", 1), ("order", 1)]
    assert by_hand.release(journey, [bea], "next", at) == 1  # leads nowhere: they are through
    assert standing()[1] == ("rest", 2, 4, None)
    per_card = counts.per_card(journey.pk, at)
    assert per_card["order"]["ports"] == {"happened": 1, "timed_out": 1}
    assert inside(journey) == {"order": 1}
    whole = counts.whole(per_card)
    assert {name: whole[name] for name in ("started", "inside", "completed", "exited")} == {
        "started": 3,
        "inside": 1,
        "completed": 2,
        "exited": 0,
    }


def test_removed_people_leave_and_get_nothing_more(journey: Journey) -> None:
    ada, *others = everybody()
    assert by_hand.remove(journey, [ada, ada, 1], NOW + HOUR) == 1
    one = Enrollment.objects.get(pk=ada)
    assert (one.state, one.reason, one.ended_at, one.due_at) == (3, "Taken out by hand", NOW + HOUR, None)
    assert by_hand.remove(journey, [ada], NOW + HOUR) == 0
    work(NOW + 4 * DAY)
    assert set(Message.objects.values_list("enrollment_id", flat=True)) == set(others)


def test_all_of_them_take_as_many_statements_as_one(journey: Journey) -> None:
    with CaptureQueriesContext(connection) as one:
        by_hand.release(journey, everybody()[:1], "timed_out", NOW)
    with CaptureQueriesContext(connection) as rest:
        assert by_hand.release(journey, everybody()[1:], "timed_out", NOW) == 2
    assert len(one) == len(rest)


def test_the_page_offers_what_the_step_allows(client_as: Callable[[str], Client], journey: Journey) -> None:
    client, url = client_as("marketer"), f"/journeys/{journey.pk}/people/"
    page = client.get(url, {"node": "order"}).content.decode()
    for offered in ("release:happened", "release:timed_out", "move:rest", "remove"):
        assert f'name="do" value="{offered}"' in page
    assert 'value="move:order"' not in page
    assert 'name="do"' not in client_as("analyst").get(url, {"node": "order"}).content.decode()
    ada = everybody()[0]
    client.post(f"{url}act/", {"query": "node=order", "do": "release:happened", "ids": [ada]})
    assert [row[0] for row in standing()] == ["thanks", "order", "order"]
    client.post(f"{url}act/", {"query": "node=thanks", "do": "remove", "ids": everybody()})  # the others are not there
    assert [row[:2] for row in standing()] == [("thanks", 3), ("order", 1), ("order", 1)]
    answer = client.post(f"{url}act/", {"query": "node=order", "do": "move:rest", "everybody": "1"})
    assert answer.headers["Location"] == f"{url}?node=order"
    assert [row[:2] for row in standing()] == [("thanks", 3), ("rest", 1), ("rest", 1)]
    before = standing()
    assert client_as("analyst").post(f"{url}act/", {"do": "remove", "everybody": "1"}).status_code == 403
    assert client.post(f"{url}act/", {"do": "fly", "everybody": "1"}).status_code == 302
    assert standing() == before


def test_programs_list_and_act(journey: Journey) -> None:
    api, url = program(), f"/api/journeys/{journey.pk}/people/"
    listed = api.get(url, {"step": "order", "state": "active"}).data["results"]
    assert [(one["step"], one["version"], one["state"]) for one in listed] == [("order", 1, "active")] * 3
    assert [one["id"] for one in listed] == everybody()[::-1]
    deed: dict[str, Any] = {"do": "release", "step": "order", "port": "timed_out", "enrollments": everybody()[:1]}
    assert api.post(url, deed, format="json").data == {"changed": 1}
    assert api.post(url, {"do": "remove", "step": "order"}, format="json").data == {"changed": 2}
    assert [row[:2] for row in standing()] == [("remind", 1), ("order", 3), ("order", 3)]
    refused = api.post(url, {"do": "move", "step": "remind", "to": "nowhere"}, format="json")
    assert (refused.status_code, standing()[0][0]) == (409, "remind")
    assert program("analyst").post(url, {"do": "remove", "step": "remind"}, format="json").status_code == 403
    assert standing()[0][:2] == ("remind", 1)


def test_it_is_written_down_who_did_it(
    client_as: Callable[[str], Client], marketer: User, admin: User, journey: Journey
) -> None:
    ada, bea, _cleo = everybody()
    act = f"/journeys/{journey.pk}/people/act/"
    client_as("marketer").post(act, {"query": "node=order", "do": "release:timed_out", "ids": [ada]})
    client_as("marketer").post(act, {"query": "node=order", "do": "remove", "ids": [ada]})  # not there any more
    key = ApiKey.issue("Tests", ApiKey.Kind.API, role="marketer", by=admin)[1]
    deed = {"do": "move", "step": "order", "to": "rest", "enrollments": [bea]}
    answer = Client().post(
        f"/api/journeys/{journey.pk}/people/", deed, content_type="application/json", headers={"Api-Key": key}
    )
    assert answer.json() == {"changed": 1}
    told = [(one.who, one.what, one.details) for one in audit.entries(audit.filtered()) if "by hand" in one.what]
    assert told == [
        (str(admin), "moved people by hand to “Wait 1 day” in “Test”", (("people", "", "1"),)),
        (
            str(marketer),
            "let people go on by hand in “Test”",
            (("way", "", "Not within 3 days"), ("people", "", "1")),
        ),
    ]
