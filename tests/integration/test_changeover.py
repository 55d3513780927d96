"""A live journey is edited with people inside: they stay, move, are timed anew or leave; and it can be taken back."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Journey, Message, Moved, Node, Publication, StepRecord, Version
from journeys.queries import counts
from journeys.queries.journeys import totals
from journeys.services import drafts, lifecycle
from journeys.services.changeover import Choice, Plan
from journeys.services.lifecycle import LifecycleError
from profiles.models import Interest, Profile
from tests import builders
from tests.conftest import NOW
from tests.integration.test_management_api import program

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MAIL_AND_WAIT = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> wait
    wait: delay(amount=2, unit="days") -> read
    read: opened(send_key="mail", amount=1, unit="days") opened -> done, not_opened -> again
    again: send(template="Again") -> done
    done: exit(reason="Done")
"""
FIVE_DAYS = [{"op": "configure", "key": "wait", "config": {"amount": 5}}]
NOT_ASKED = [
    {"op": "delete_node", "key": "read"},
    {"op": "connect", "source": "wait", "port": "next", "target": "again"},
]
ONE_DAY = [{"op": "configure", "key": "wait", "config": {"amount": 1}}]


@pytest.fixture(autouse=True)
def _standing_clock(now: datetime) -> Iterator[None]:
    return


def work(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass
    Message.objects.filter(state="pending").update(state="sent", sent_at=now)


def sign_up(*users: str, at: datetime = NOW) -> None:
    builders.calls(*(builders.identify(user) for user in users), now=at)
    builders.calls(*(builders.tracked("Signed Up", user) for user in users), now=at)
    work(at)


def edit(journey: Journey, operations: Sequence[dict[str, Any]]) -> None:
    journey.refresh_from_db()
    drafts.apply(journey, drafts.current(journey).revision, operations, by=None)
    journey.refresh_from_db()


def publish(journey: Journey, at: datetime, rest: Any = "keep", **steps: Choice) -> dict[str, int]:
    lifecycle.publish(journey, None, at, Plan(steps, rest))
    journey.refresh_from_db()
    return Publication.objects.latest("pk").counts


def standing() -> list[tuple[int, str, datetime | None]]:
    """Version, step and due time of everybody inside, in the order of coming in."""
    inside = Enrollment.objects.filter(state=1).order_by("id")
    versions = dict(Version.objects.values_list("pk", "number"))
    keys = dict(Node.objects.values_list("pk", "key"))
    return [(versions[one.version_id], keys[one.node_id], one.due_at) for one in inside]


def path(number: int = 0) -> list[tuple[str, str]]:
    ident = Enrollment.objects.order_by("id").values_list("pk", flat=True)[number]
    keys = dict(Node.objects.values_list("pk", "key"))
    return [(keys[s.node_id], s.port) for s in StepRecord.objects.filter(enrollment_id=ident).order_by("visit", "id")]


def inside(journey: Journey) -> dict[str, int]:
    return {key: row["inside"] for key, row in counts.per_card(journey.pk, NOW).items() if row["inside"]}


def test_without_a_plan_everybody_finishes_what_they_came_into() -> None:
    journey = builders.journey(MAIL_AND_WAIT)
    sign_up("ada")
    edit(journey, FIVE_DAYS)
    assert publish(journey, NOW + HOUR) == {}
    assert standing() == [(1, "wait", NOW + 2 * DAY)]
    work(NOW + 2 * DAY)
    assert standing() == [(1, "read", NOW + 3 * DAY)]


@pytest.mark.parametrize("operations", [ONE_DAY, FIVE_DAYS])
def test_moved_people_finish_their_wait_as_it_was_and_go_on_in_the_new_version(operations: Any) -> None:
    journey = builders.journey(MAIL_AND_WAIT)
    sign_up("ada")
    more = [
        {"op": "add_node", "key": "note", "kind": "update_profile", "config": {"changes": [_set("seen", True)]}},
        {"op": "connect", "source": "wait", "port": "next", "target": "note"},
        {"op": "connect", "source": "note", "port": "next", "target": "read"},
    ]
    edit(journey, [*operations, *more])
    assert publish(journey, NOW + HOUR, wait=Choice("move")) == {"moved": 1}
    assert standing() == [(2, "wait", NOW + 2 * DAY)]
    assert inside(journey) == {"wait": 1}
    sign_up("bea", at=NOW + 2 * HOUR)
    assert standing()[1] == (2, "wait", NOW + 2 * HOUR + (5 if operations is FIVE_DAYS else 1) * DAY)
    work(NOW + 2 * DAY - HOUR)
    assert standing()[0] == (2, "wait", NOW + 2 * DAY)
    work(NOW + 2 * DAY)
    # What was sent in the old version counts in the new one: they are waited for, not taken for unreached.
    assert standing()[0] == (2, "read", NOW + 3 * DAY)
    assert path() == [("start", "next"), ("mail", "next"), ("wait", "next"), ("note", "next")]
    assert Message.objects.count() == 2


def _set(name: str, value: Any) -> dict[str, Any]:
    return {"attribute": name, "value": value}


@pytest.mark.parametrize(("operations", "leaves"), [(ONE_DAY, NOW + DAY), (FIVE_DAYS, NOW + 5 * DAY)])
def test_a_wait_is_timed_anew_from_when_it_began(operations: Any, leaves: datetime) -> None:
    journey = builders.journey(MAIL_AND_WAIT)
    sign_up("ada")
    edit(journey, operations)
    assert publish(journey, NOW + HOUR, wait=Choice("retime")) == {"retimed": 1}
    work(NOW + HOUR)
    assert standing() == [(2, "wait", leaves)]
    assert path() == [("start", "next"), ("mail", "next")]


def test_a_shorter_wait_that_is_over_already_lets_them_go_at_once() -> None:
    journey = builders.journey(MAIL_AND_WAIT)
    sign_up("ada")
    edit(journey, ONE_DAY)
    publish(journey, NOW + 30 * HOUR, wait=Choice("retime"))
    work(NOW + 30 * HOUR)
    assert standing() == [(2, "read", NOW + 54 * HOUR)]


def test_who_stands_at_a_removed_step_is_moved_to_another_or_leaves() -> None:
    journey = builders.journey(MAIL_AND_WAIT)
    sign_up("ada")
    work(NOW + 2 * DAY)
    sign_up("bea", at=NOW + 2 * DAY)
    gone = [
        {"op": "delete_node", "key": "wait"},
        {"op": "delete_node", "key": "read"},
        {"op": "connect", "source": "mail", "port": "next", "target": "again"},
    ]
    edit(journey, gone)
    for plan in ({"wait": Choice("move")}, {"wait": Choice("retime")}, {"wait": Choice("move", "start")}):
        with pytest.raises(LifecycleError) as refused:
            publish(journey, NOW + 2 * DAY, **plan)
        assert refused.value.problems[0].node_key == "wait"
        assert [version for version, _key, _due in standing()] == [1, 1]
        assert not Moved.objects.exists()
    at = NOW + 2 * DAY + HOUR
    assert publish(journey, at, wait=Choice("move", "again"), read=Choice("exit")) == {"moved": 1, "exited": 1}
    assert standing() == [(2, "again", at)]
    assert inside(journey) == {"again": 1}
    work(at)
    assert standing() == []
    assert list(Enrollment.objects.order_by("id").values_list("state", "reason", "ended_at")) == [
        (Enrollment.State.EXITED, "The step they stood at was changed", at),
        (Enrollment.State.COMPLETED, "Done", at),
    ]
    assert path(1) == [("start", "next"), ("mail", "next"), ("wait", ""), ("again", "next"), ("done", "")]
    assert Message.objects.count() == 3
    assert inside(journey) == {}
    assert totals([journey.pk])[journey.pk] | {"inside": 0} == {
        "started": 2,
        "completed": 1,
        "exited": 1,
        "failed": 0,
        "converted": 0,
        "inside": 0,
    }


def test_names_and_places_disturb_nobody() -> None:
    journey = builders.journey(MAIL_AND_WAIT)
    sign_up("ada")
    before = Enrollment.objects.values().get()
    edit(
        journey,
        [
            {"op": "rename_node", "key": "wait", "name": "A rest"},
            {"op": "move_node", "key": "wait", "x": 900, "y": 900},
        ],
    )
    publish(journey, NOW + HOUR, wait=Choice("keep"))
    assert Enrollment.objects.values().get() == before
    edit(journey, [{"op": "rename_node", "key": "wait", "name": "A long rest"}])
    publish(journey, NOW + HOUR, rest="move")
    after = Enrollment.objects.values().get()
    assert standing() == [(3, "wait", NOW + 2 * DAY)]
    assert {name for name in before if before[name] != after[name]} == {"version_id", "node_id"}
    assert journey.live.guests == []


def test_going_back_puts_everybody_where_they_stood() -> None:
    journey = builders.journey(MAIL_AND_WAIT)
    sign_up("stays", "goes")
    work(NOW + 2 * DAY)
    sign_up("waits", "waits_too", at=NOW + 2 * DAY)
    before = list(Enrollment.objects.order_by("id").values())
    edit(journey, [*ONE_DAY, *NOT_ASKED])
    at = NOW + 2 * DAY + HOUR
    assert publish(journey, at, wait=Choice("retime"), read=Choice("exit")) == {"retimed": 2, "exited": 2}
    work(at)  # the new wait is reckoned
    assert [due for _v, _k, due in standing()] == [NOW + 3 * DAY] * 2
    sign_up("goes", "new", at=at)  # somebody who was taken out comes in again
    lifecycle.go_back(journey, None, at + HOUR)
    journey.refresh_from_db()
    assert (journey.live.number, journey.state) == (1, Journey.State.LIVE)
    after = list(Enrollment.objects.order_by("id").values())
    came_again = Profile.objects.get(identities__value="goes").pk
    assert [row for row in after[:4] if row["profile_id"] != came_again] == [
        row for row in before if row["profile_id"] != came_again
    ]
    assert after[1]["state"] == Enrollment.State.EXITED
    assert [version for version, _key, _due in standing()] == [1, 1, 1, 2, 2]
    assert inside(journey) == {"read": 1, "wait": 4}
    lifecycle.go_back(journey, None, at + 2 * HOUR, rest="move")  # and forth again
    journey.refresh_from_db()
    assert journey.live.number == 2
    assert [version for version, _key, _due in standing()] == [2, 2, 2, 2]
    assert inside(journey) == {"wait": 4}


def test_going_back_takes_those_along_who_came_in_since() -> None:
    journey = builders.journey(MAIL_AND_WAIT)
    edit(journey, FIVE_DAYS)
    with pytest.raises(LifecycleError):
        lifecycle.go_back(journey, None, NOW)
    publish(journey, NOW)
    sign_up("ada")
    assert standing() == [(2, "wait", NOW + 5 * DAY)]
    lifecycle.go_back(journey, None, NOW + HOUR, rest="move")
    work(NOW + HOUR)
    assert standing() == [(1, "wait", NOW + 2 * DAY)]


def test_going_back_further_takes_back_one_publication_after_the_other() -> None:
    journey = builders.journey(MAIL_AND_WAIT)
    sign_up("stays", "goes", "kept")
    before = list(Enrollment.objects.order_by("id").values())
    edit(journey, FIVE_DAYS)
    publish(journey, NOW + HOUR, wait=Choice("move"))
    sign_up("came", at=NOW + HOUR)
    edit(journey, NOT_ASKED)
    publish(journey, NOW + 2 * HOUR, rest="move", wait=Choice("retime"))
    work(NOW + 2 * HOUR)
    third = list(Enrollment.objects.order_by("id").values())
    assert lifecycle.formers(journey) == [2, 1]
    assert [version for version, _key, _due in standing()] == [3, 3, 3, 3]
    with pytest.raises(LifecycleError):
        lifecycle.go_back(journey, None, NOW + 3 * HOUR, to=3)
    lifecycle.go_back(journey, None, NOW + 3 * HOUR, to=1)
    journey.refresh_from_db()
    assert journey.live.number == 1
    assert Publication.objects.latest("pk").counts == {"restored": 4}
    assert list(Enrollment.objects.order_by("id").values())[:3] == before
    assert [version for version, _key, _due in standing()] == [1, 1, 1, 2]  # who came since is where they came in
    assert Interest.objects.filter(owner=lifecycle.owner(Version.objects.get(journey=journey, number=2).pk)).exists()
    assert lifecycle.formers(journey) == [3, 2]
    lifecycle.go_back(journey, None, NOW + 4 * HOUR, to=3)  # and all the way forth again
    assert list(Enrollment.objects.order_by("id").values()) == third


def crowded(journey: Journey, people: int) -> None:
    """Half of them wait, half of them are asked whether they opened."""
    assert journey.live is not None
    nodes = dict(journey.live.nodes.values_list("key", "pk"))
    of_all = {"journey_id": journey.pk, "version_id": journey.live.pk, "visit": 3}
    times = {"entered_at": NOW, "node_entered_at": NOW, "due_at": NOW + 2 * DAY}
    Enrollment.objects.bulk_create(
        Enrollment(profile_id=n + 1, node_id=nodes["wait" if n % 2 else "read"], **of_all, **times)
        for n in range(people)
    )


def test_ten_thousand_people_are_one_migration() -> None:
    statements = []
    for people in (2, 10_000):
        journey = builders.journey(MAIL_AND_WAIT)
        crowded(journey, people)
        edit(journey, [*FIVE_DAYS, *NOT_ASKED])
        with CaptureQueriesContext(connection) as counted:
            publish(journey, NOW + HOUR, wait=Choice("retime"), read=Choice("exit"))
        statements.append(len(counted))
    assert statements[0] == statements[1]
    assert Publication.objects.latest("pk").counts == {"retimed": 5_000, "exited": 5_000}
    lifecycle.go_back(journey, None, NOW + 2 * HOUR)
    assert standing().count((1, "wait", NOW + 2 * DAY)) == 5_000
    assert standing().count((1, "read", NOW + 2 * DAY)) == 5_000


def test_the_dialog_asks_for_each_changed_step_with_people_and_does_it(client_as: Callable[[str], Client]) -> None:
    journey = builders.journey(MAIL_AND_WAIT)
    crowded(journey, 3_000)
    edit(journey, [*FIVE_DAYS, *NOT_ASKED, {"op": "configure", "key": "done", "config": {"reason": "Through"}}])
    client, url = client_as("marketer"), f"/journeys/{journey.pk}/publish/"
    dialog = client.get(url).content.decode()
    assert "3,000 people are inside now." in dialog
    assert dialog.count('<a class="changeover-people"') == 2
    assert dialog.count("1,500 people</a>") == 2
    assert "Wait 2 days → Wait 5 days" in dialog
    assert 'name="people-done"' not in dialog
    menu = dialog.partition('name="people-read"')[2].partition("</select>")[0]
    assert [value for value in ("keep", "move", "retime", "exit", "move:again") if f'value="{value}"' in menu] == [
        "keep",
        "exit",
        "move:again",
    ]
    refused = client.post(url, {"people-wait": "move", "people-read": "move"})
    assert "This step is gone: say where its people go on." in refused.content.decode()
    assert Version.objects.get(pk=journey.draft_id).state == Version.State.DRAFT
    assert client.post(url, {"people-wait": "move", "people-read": "move:again"}).status_code == 200
    assert standing().count((2, "wait", NOW + 2 * DAY)) == 1_500
    assert {key for _version, key, _due in standing()} == {"wait", "again"}
    page = client.get(f"/journeys/{journey.pk}/versions/").content.decode()
    assert "3,000 people went on in it" in page
    assert f'hx-get="/journeys/{journey.pk}/go-back/?to=1"' in page
    back = client.get(f"/journeys/{journey.pk}/go-back/?to=1").content.decode()
    assert "3,000 people whom a publication moved or let go since have not gone on" in back
    assert "no former version" in client.get(f"/journeys/{journey.pk}/go-back/?to=5").content.decode()
    client.post(f"/journeys/{journey.pk}/go-back/", {"to": "1"})
    assert standing().count((1, "read", NOW + 2 * DAY)) == 1_500


def test_programs_publish_with_a_plan_and_go_back() -> None:
    cache.clear()
    api, journey = program(), builders.journey(MAIL_AND_WAIT)
    crowded(journey, 4)
    edit(journey, [*FIVE_DAYS, *NOT_ASKED])
    url = f"/api/journeys/{journey.pk}"
    assert api.get(f"{url}/audience/").data == {
        "people": 4,
        "changed": [
            {"step": "wait", "people": 2, "change": "changed", "choices": ["keep", "move", "retime", "exit"]},
            {"step": "read", "people": 2, "change": "removed", "choices": ["keep", "exit", "move"]},
        ],
        "same": 0,
    }
    for wrong in ({"read": {"do": "move"}}, {"wait": {"do": "fly"}}, {"wait": {"do": "move", "to": "start"}}):
        assert api.post(f"{url}/publish/", {"people": wrong}, format="json").status_code in (400, 409)
    assert {version for version, _key, _due in standing()} == {1}
    plan = {"people": {"read": {"do": "move", "to": "again"}, "wait": {"do": "retime"}}}
    assert api.post(f"{url}/publish/", plan, format="json").data["live_version"] == 2
    assert [key for _version, key, _due in standing()] == ["again", "wait", "again", "wait"]
    assert api.post(f"{url}/go_back/", {"to": 7}).status_code == 409
    assert api.post(f"{url}/go_back/", {"to": 1}).data["live_version"] == 1
    assert [key for _version, key, _due in standing()] == ["read", "wait", "read", "wait"]
