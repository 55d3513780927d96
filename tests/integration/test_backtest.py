"""A drawing over what really happened: numbers by card, by day, by person; and nothing is done to anybody."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.engine import inbox, runner
from journeys.engine.replay import Assumed
from journeys.models import Enrollment, Journey, Message, StepRecord
from journeys.queries import counts
from journeys.services import backtest, drafts, lifecycle
from omnichannel.jobs import work
from omnichannel.jobs.models import Job
from profiles import ingest
from profiles.models import Membership, PastMembership, Profile, Segment
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
NOBODY = Assumed()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WELCOME = """
    start: entry_event(event="Signed Up", where=trial) -> who
    who: audience(condition=germans) yes -> mail, no -> out
    mail: send(template="Welcome") -> read
    read: opened(send_key="mail", amount=1, unit="days") opened -> hold, not_opened -> out
    hold: wait_event(event="Bought", amount=2, unit="days") happened -> out, timed_out -> mail2
    mail2: send(template="Reminder") -> out
    out: exit()
"""
TRIAL = [{"field": "plan", "op": "eq", "value": "trial"}]
GERMANS = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}


def did(person: Profile, name: str, ago: timedelta, **properties: Any) -> None:
    builders.event(person, name, NOW - ago, **properties)


def run(journey: Journey, days: int = 30, assumed: Assumed = NOBODY) -> Job:
    job = backtest.start(journey, days, assumed, by=None, now=NOW)
    while work.chunk(job.pk, NOW):
        pass
    job.refresh_from_db()
    return job


def drawn(drawing: str = WELCOME, **given: Any) -> Journey:
    goal = {"goal_event": "Bought", "goal_window_hours": 48}
    return builders.journey(drawing, publish=False, trial=TRIAL, germans=GERMANS, settings=goal, **given)


def test_what_would_have_happened(now: datetime) -> None:
    buyer = builders.profile(country="DE", email="ada@shop.example")
    did(buyer, "Signed Up", 10 * DAY, plan="trial")
    did(buyer, "Bought", 9 * DAY)
    idle = builders.profile(country="DE", email="bob@shop.example")
    did(idle, "Signed Up", 5 * DAY, plan="trial")
    mute = builders.profile(country="DE")
    did(mute, "Signed Up", 5 * DAY, plan="trial")
    abroad = builders.profile(country="FR", email="eve@shop.example")
    did(abroad, "Signed Up", 5 * DAY, plan="trial")
    paying, early = builders.profile(country="DE"), builders.profile(country="DE")
    did(paying, "Signed Up", 5 * DAY, plan="pro")
    did(early, "Signed Up", 40 * DAY, plan="trial")
    job = run(drawn(), assumed=Assumed(opened=100, clicked=0))
    assert (job.state, job.done, job.total, job.error) == (Job.State.DONE, 5, 5, "")
    assert (job.result["people"], job.result["entries"]) == (4, 4)
    assert job.result["nodes"] == {
        "start": {"entered": 4, "left": 4, "port:next": 4, "started": 4, "completed": 4, "converted": 1},
        "who": {"entered": 4, "left": 4, "port:yes": 3, "port:no": 1},
        "mail": {"entered": 3, "left": 3, "port:next": 3, "sent": 2, "opened": 2, "human_opened": 2, "clicked": 0}
        | {"skipped:no_address": 1},
        "read": {"entered": 3, "left": 3, "port:opened": 2, "port:not_opened": 1},
        "hold": {"entered": 2, "left": 2, "port:happened": 1, "port:timed_out": 1},
        "mail2": {"entered": 1, "left": 1, "port:next": 1, "sent": 1, "opened": 1, "human_opened": 1, "clicked": 0},
        "out": {"entered": 4, "left": 4},
    }
    assert job.result["days"] == {"email": {"2026-02-20": 1, "2026-02-25": 1, "2026-02-27": 1}}
    assert job.result["load"] == {"0": 2, "1": 1, "2": 1}
    assert [model.objects.count() for model in (Enrollment, StepRecord, Message)] == [0, 0, 0]
    assert backtest.told(job) == "4 people would have come in, 3 messages would have been sent."


def test_attributes_and_segments_count_as_they_were(now: datetime) -> None:
    segment = Segment.objects.create(name="Some", condition=GERMANS, state=Segment.State.LIVE, built_at=NOW)
    moved = builders.profile(NOW - 20 * DAY, country="DE")
    with transaction.atomic():
        ingest.update_attributes({moved.pk: {"country": "FR"}}, NOW - 3 * DAY, source="identify")
    PastMembership.objects.create(
        segment=segment, profile=moved, since=NOW - 10 * DAY, until=NOW - 3 * DAY, reason="", exit_reason=""
    )
    always = builders.profile(NOW - 60 * DAY, country="DE")
    Membership.objects.create(segment=segment, profile=always, since=NOW - 50 * DAY)
    journey = builders.journey(
        """
        start: entry_segment(segment=some) -> wait
        wait: delay(amount=8, unit="days") -> first
        first: audience(condition=germans) yes -> out, no -> out
        out: exit()
        """,
        publish=False,
        some=segment,
        germans=GERMANS,
    )
    found = run(journey).result
    assert found["people"] == 1
    assert found["nodes"]["first"] == {"entered": 1, "left": 1, "port:no": 1}
    soon = drafts.current(journey).nodes.get(key="wait")
    soon.amount = 1  # type: ignore[attr-defined]
    soon.save()
    drafts.current(journey).save()
    assert run(journey).result["nodes"]["first"] == {"entered": 1, "left": 1, "port:yes": 1}


def test_the_clock_calls_as_it_would_have(now: datetime) -> None:
    for month_day in ("02-25", "02-27", "12-01"):
        builders.profile(birthday=f"1990-{month_day}")
    journey = builders.journey(
        'start: entry_date(attribute="birthday", yearly=True) -> out\nout: exit()', publish=False
    )
    assert run(journey, days=7).result["people"] == 2


def test_a_piece_takes_the_same_number_of_statements_whatever_its_size(now: datetime) -> None:
    journey, counted = drawn(), []
    for more in (1, 2, 40):  # the first time the drawing is read as well
        for _ in range(more):
            person = builders.profile(country="DE", email=f"{uuid4()}@shop.example")
            did(person, "Signed Up", DAY, plan="trial")
            did(person, "Bought", HOUR)
        job = backtest.start(journey, 30, Assumed(50, 10), by=None, now=NOW)
        work.chunk(job.pk, NOW)
        with CaptureQueriesContext(connection) as asked:
            work.chunk(job.pk, NOW)
        counted.append(len(asked))
    assert counted[1] == counted[2]


def test_a_drawing_that_changes_meanwhile_has_no_sum(now: datetime, marketer: Any) -> None:
    journey = drawn()
    did(builders.profile(country="DE"), "Signed Up", DAY, plan="trial")
    job = backtest.start(journey, 30, Assumed(), by=marketer, now=NOW)
    drafts.save_settings(journey, {"reentry": "once"}, by=marketer)
    assert work.chunk(job.pk, NOW) is False
    job.refresh_from_db()
    assert (job.state, job.error) == (
        Job.State.FAILED,
        "The drawing was changed meanwhile. Start it again for what is drawn now.",
    )


def test_the_page_starts_one_and_shows_it(now: datetime, client_as: Callable[[str], Client]) -> None:
    journey = drawn()
    did(builders.profile(country="DE", email="ada@shop.example"), "Signed Up", DAY, plan="trial")
    client = client_as("marketer")
    asked = {"days": "30", "opened": "40", "clicked": "50"}
    assert client.post(f"/journeys/{journey.pk}/backtest/", asked).status_code == 422
    assert client_as("analyst").post(f"/journeys/{journey.pk}/backtest/", asked).status_code == 403
    assert Job.objects.count() == 0
    answer = client.post(f"/journeys/{journey.pk}/backtest/", asked | {"clicked": "5"})
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/journeys/{journey.pk}/backtest/{job.pk}/"
    while work.chunk(job.pk, NOW):
        pass
    page = client_as("analyst").get(answer.headers["Location"]).content.decode()
    assert "If this had run the last 30 days" in page
    counts = client.get(f"/api/journeys/{journey.pk}/backtest/{job.pk}/counts").json()["nodes"]
    assert (counts["mail"]["sent"], counts["who"]["ports"]) == (1, {"yes": 1})
    assert client.get(f"/jobs/{job.pk}/").headers["Location"] == answer.headers["Location"]


def test_it_tells_what_the_engine_did(now: datetime) -> None:
    """The same drawing, once live and once over the past: the same ways for everybody."""
    begin = NOW - 8 * DAY
    journey = drawn(WELCOME.replace("opened -> hold, not_opened -> out", "opened -> out, not_opened -> hold"))
    lifecycle.publish(journey, None, begin)
    people = [builders.profile(begin, country="DE" if n % 3 else "FR", email=f"u{n}@shop.example") for n in range(9)]
    agenda = [(begin + (n + 1) * 5 * HOUR, one, "Signed Up", {"plan": "trial"}) for n, one in enumerate(people)]
    agenda += [(begin + DAY + n * 11 * HOUR, one, "Bought", {}) for n, one in enumerate(people) if n % 2]
    agenda += [(begin + 3 * DAY + n * HOUR, one, "Signed Up", {"plan": "trial"}) for n, one in enumerate(people[:4])]
    moments = sorted({at for at, *_ in agenda} | {begin + n * HOUR for n in range(8 * 24 + 1)})
    for at in moments:
        with transaction.atomic():
            ingest.track(
                [ingest.TrackRow(p.pk, name, more, at, uuid4()) for when, p, name, more in agenda if when == at], at
            )
        while inbox.take(1000, at) or runner.advance(at):
            Message.objects.filter(state="pending").update(state="sent", sent_at=at)
    live = counts.per_card(journey.pk, NOW)
    past = counts.of_metrics(run(journey, days=8).result["nodes"])
    assert live["mail2"]["left"] > 1
    names = ("entered", "left", "inside", "ports", "started", "completed", "converted")
    assert {key: [row[name] for name in names] for key, row in past.items()} == {
        key: [row[name] for name in names] for key, row in live.items()
    }


def test_by_api(now: datetime, api_key: str) -> None:
    journey = drawn()
    did(builders.profile(country="DE", email="ada@shop.example"), "Signed Up", DAY, plan="trial")
    api = Client(headers={"authorization": f"Bearer {api_key}"})
    started = api.post(f"/api/journeys/{journey.pk}/backtest/", {"days": 7}, content_type="application/json")
    assert started.status_code == 202
    while work.chunk(started.json()["job"], NOW):
        pass
    told = api.get(f"/api/journeys/{journey.pk}/backtests/{started.json()['job']}/").json()
    assert (told["state"], told["people"], told["load"]) == ("done", 1, {"1": 1})
    assert told["nodes"]["mail"]["sent"] == 1
    assert api.get(f"/api/journeys/{journey.pk}/backtests/999999/").status_code == 404
