"""What a journey does besides sending: lists, events, other journeys, goals, jumps."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Journey, StepRecord, Tally
from journeys.services.build import create_journey
from journeys.validation import check
from profiles.models import Change, Event, ListEntry, PeopleList, Profile
from profiles.services import changes
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _standing_clock(now: datetime) -> None:
    """Nobody looks at the machine's clock."""


def work(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass


def does(user: str, event: str, at: datetime = NOW, **properties: Any) -> Profile:
    builders.calls(builders.tracked(event, user, **properties), now=at)
    return Profile.objects.get(identities__kind="user_id", identities__value=user)


def path(enrollment: Enrollment) -> list[str]:
    keys = {node.pk: node.key for node in Journey.objects.get(pk=enrollment.journey_id).live.nodes.all()}  # type: ignore[union-attr]
    return [keys[step.node_id] for step in StepRecord.objects.filter(enrollment_id=enrollment.pk).order_by("visit")]


def test_people_are_put_on_a_list_and_taken_off_another() -> None:
    fair, old = (PeopleList.objects.create(name=name, created_at=NOW) for name in ("Fair", "Old"))
    journey = builders.journey(
        """
        start: entry_event(event="Signed Up") -> on
        on: add_to_list(list=fair) -> off
        off: remove_from_list(list=old) -> asked
        asked: audience(condition=on_fair) yes -> done
        done: exit()
        """,
        fair=fair,
        old=old,
        on_fair={"type": "list", "list": fair.pk, "in": True},
    )
    ann, ben = does("ann", "Signed Up"), does("ben", "Signed Up")
    ListEntry.objects.create(list=old, profile=ann, at=NOW)
    changes.declare("test", "test", [("list", "*")])
    work(NOW)
    assert [path(one) for one in Enrollment.objects.order_by("pk")] == [["start", "on", "off", "asked", "done"]] * 2
    assert list(ListEntry.objects.order_by("profile").values_list("list__name", "profile", "at", "source")) == [
        ("Fair", ann.pk, NOW, f"journey:{journey.pk}"),
        ("Fair", ben.pk, NOW, f"journey:{journey.pk}"),
    ]
    told = Change.objects.filter(consumer="test").order_by("pk").values_list("profile_id", "key", "data")
    assert sorted(told, key=str) == sorted(
        [
            (ann.pk, str(fair.pk), {"on": True}),
            (ben.pk, str(fair.pk), {"on": True}),
            (ann.pk, str(old.pk), {"on": False}),
        ],
        key=str,
    )


def test_a_noted_event_brings_people_into_another_journey_and_counts_as_any_event() -> None:
    first = builders.journey(
        """
        start: entry_event(event="Order Completed") -> note
        note: emit_event(event="Became Customer", properties=details) -> done
        done: exit()
        """,
        details=[{"name": "order", "value": "{{ event.order_id }}"}, {"name": "plan", "value": "basic"}],
    )
    second = builders.journey(
        'start: entry_event(event="Became Customer") -> wait\nwait: delay(amount=1, unit="days")', name="Second"
    )
    ann = does("ann", "Order Completed", order_id=1001)
    seen = Profile.objects.get(pk=ann.pk).last_seen_at
    work(NOW)
    work(NOW + MINUTE)  # what is done is not done again
    (event,) = Event.objects.filter(name="Became Customer")
    assert (event.profile_id, event.kind, event.properties, event.occurred_at) == (
        ann.pk,
        "journey",
        {"order": 1001, "plan": "basic"},
        NOW,
    )
    came = list(Enrollment.objects.order_by("pk").values_list("journey_id", "state", "trigger_event_id"))
    assert came[0][:2] == (first.pk, Enrollment.State.COMPLETED)
    assert came[1:] == [(second.pk, Enrollment.State.ACTIVE, event.pk)]
    assert Profile.objects.get(pk=ann.pk).last_seen_at == seen


def test_a_detail_that_cannot_be_filled_fails_that_person_alone() -> None:
    builders.journey(
        'start: entry_event(event="Viewed") -> note\nnote: emit_event(event="Noted", properties=details)',
        details=[{"name": "half", "value": "{{ event.total | divided_by: event.parts }}"}],
    )
    does("ann", "Viewed", total=8, parts=2)
    does("ben", "Viewed", total=8, parts=0)
    work(NOW)
    assert list(Event.objects.filter(name="Noted").values_list("properties", flat=True)) == [{"half": 4}]
    states = Enrollment.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [Enrollment.State.COMPLETED, Enrollment.State.FAILED]


def test_another_journey_is_told_who_is_to_come_in() -> None:
    other = builders.journey("start: entry_event() -> done\ndone: exit()", name="Other", publish=False)
    sender = builders.journey(
        'start: entry_event(event="Viewed") -> send\nsend: start_journey(journey=other)', other=other
    )
    changes.declare("test", "test", [("started", str(other.pk))])
    ann = does("ann", "Viewed")
    work(NOW)
    told = Change.objects.filter(consumer="test").values_list("profile_id", "kind", "key", "data", "at")
    assert list(told) == [(ann.pk, "started", str(other.pk), {"from": sender.pk, "chain": 1}, NOW)]


@pytest.mark.parametrize(("exits", "state"), [(False, Enrollment.State.ACTIVE), (True, Enrollment.State.EXITED)])
def test_reaching_the_goal_counts_once_and_may_end_the_journey(exits: bool, state: int) -> None:
    journey = builders.journey(
        """
        start: entry_event(event="Viewed") -> goal
        goal: goal_reached() -> again
        again: goal_reached() -> wait
        wait: delay(amount=1, unit="days")
        """,
        settings={"goal_exits": exits},
    )
    does("ann", "Viewed")
    work(NOW)
    (one,) = Enrollment.objects.all()
    assert (one.state, one.converted_at, one.reason) == (state, NOW, "Reached the goal" if exits else "")
    counted = Tally.objects.filter(metric="converted").values_list("journey_id", "count")
    assert list(counted) == [(journey.pk, 1)]
    assert path(one) == (["start", "goal"] if exits else ["start", "goal", "again"])


def test_a_jump_leads_on_without_a_line() -> None:
    builders.journey(
        """
        start: entry_event(event="Viewed") -> wait
        wait: delay(amount=1, unit="days") -> back
        back: jump(target_key="wait")
        """
    )
    does("ann", "Viewed")
    for days in range(3):
        work(NOW + timedelta(days=days))
    (one,) = Enrollment.objects.all()
    assert path(one) == ["start", "wait", "back", "wait", "back"]
    assert (one.due_at, one.visit) == (NOW + timedelta(days=3), 6)


@pytest.mark.parametrize(
    ("drawing", "problems"),
    [
        ("start: entry_event(event='A') -> to\nto: jump(target_key='gone')", ["The step this jumps to is gone."]),
        ("start: entry_event(event='A') -> to\nto: jump(target_key='end')\nend: exit()", []),
        (
            "start: entry_event(event='A') -> a\na: goal_reached() -> to\nto: jump(target_key='a')",
            ["This goes round in a circle without waiting. Put a wait into the circle."] * 2,
        ),
    ],
)
def test_the_linter_follows_jumps(drawing: str, problems: list[str]) -> None:
    made = builders.journey(drawing, publish=False)
    assert made.draft is not None
    assert [one.text for one in check(made.draft) if one.level == "error"] == problems


def test_a_list_that_a_journey_uses_stays() -> None:
    from profiles.services import lists

    fair = PeopleList.objects.create(name="Fair", created_at=NOW)
    spec = {
        "name": "Uses it",
        "nodes": [
            {"key": "start", "kind": "entry_event", "config": {"event": "A"}},
            {"key": "on", "kind": "add_to_list", "config": {"list": fair.pk}},
        ],
        "edges": [{"from": "start", "to": "on"}],
    }
    create_journey(spec, None, NOW)
    with pytest.raises(lists.ListError):
        lists.delete(fair)
    assert PeopleList.objects.filter(pk=fair.pk).exists()
