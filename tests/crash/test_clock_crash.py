"""Workers that bring people in by the clock are killed with SIGKILL: everybody comes in once, for every moment."""

import signal
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from journeys.engine import clocks
from journeys.models import Enrollment, EntryClock, Journey, Tally
from journeys.services import lifecycle
from omnichannel.jobs import work as jobs
from omnichannel.jobs.models import Job
from profiles.models import Membership, Profile, Segment
from tests import builders, processes
from tests.conftest import NOW
from tests.crash.clock_worker import PIECE

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

PEOPLE = 40
PATIENCE = 120  # seconds: a killed worker is gone at once, a healthy one needs two or three
LATE = NOW + timedelta(days=2, hours=1)  # two mornings have passed
DAILY = """
    start: entry_schedule(segment=who, repeat="daily", at="09:00") -> w
    w: delay(amount=9)
"""

Start = Callable[..., processes.Running]


@pytest.fixture
def worker(process_env: dict[str, str]) -> Start:
    """Start a worker, with or without a failpoint."""

    def start(module: str, moment: datetime, failpoint: str = "") -> processes.Running:
        return processes.start(process_env, f"tests.crash.{module}", moment, failpoint=failpoint)

    return start


def crowd() -> tuple[list[Profile], Segment]:
    people = [builders.profile() for _ in range(PEOPLE)]
    who = Segment.objects.create(name="Readers", state="live", built_at=NOW, size=PEOPLE)
    since = NOW - timedelta(days=1)
    Membership.objects.bulk_create(Membership(segment=who, profile=one, since=since) for one in people)
    return people, who


def came(journey: Journey) -> list[tuple[int, str]]:
    rows = Enrollment.objects.filter(journey_id=journey.pk).order_by("entry_key", "profile_id")
    return list(rows.values_list("profile_id", "entry_key"))


def started() -> int:
    return sum(Tally.objects.filter(metric="started").values_list("count", flat=True))


@pytest.mark.parametrize("failpoint", ["clocks.claimed:3", "clocks.written:4", "clocks.committed:2"])
def test_killed_while_people_come_in(failpoint: str, worker: Start) -> None:
    people, who = crowd()
    journey = builders.journey(DAILY, settings={"reentry": "always"}, who=who)
    assert worker("clock_worker", LATE, failpoint).wait(PATIENCE) == -signal.SIGKILL
    assert len(came(journey)) < 2 * PEOPLE
    while clocks.follow(LATE, PIECE):
        pass
    days = [f"clock:start:2026-03-0{n}" for n in (3, 4)]
    assert came(journey) == [(one.pk, day) for day in days for one in people]
    assert started() == 2 * PEOPLE
    assert EntryClock.objects.get().reached == 0


def test_three_workers_and_one_is_killed(worker: Start) -> None:
    _people, who = crowd()
    journey = builders.journey(DAILY, settings={"reentry": "always"}, who=who)
    workers = [
        worker("clock_worker", LATE),
        worker("clock_worker", LATE, "clocks.written:2"),
        worker("clock_worker", LATE),
    ]
    for one in workers:
        one.wait(PATIENCE)
    while clocks.follow(LATE, PIECE):
        pass
    assert len(came(journey)) == len(set(came(journey))) == started() == 2 * PEOPLE


def test_killed_while_those_who_qualify_already_are_added(worker: Start, now: datetime) -> None:
    people, who = crowd()
    journey = builders.journey("start: entry_segment(segment=who) -> w\nw: delay(amount=9)", publish=False, who=who)
    lifecycle.publish(journey, None, now, existing_days=30)
    assert worker("existing_worker", now, "jobs.stepped:3").wait(PATIENCE) == -signal.SIGKILL
    assert 0 < Job.objects.get().done < PEOPLE
    while jobs.stint():
        pass
    assert [profile for profile, _ in came(journey)] == [one.pk for one in people]
    assert started() == PEOPLE
    assert Job.objects.get().result == {"came": PEOPLE}
